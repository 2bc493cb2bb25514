"""Certificates for tests, made with the openssl command: a CA of servers, a CA of clients, and one
that nobody trusts."""
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    def __init__(self, directory):
        self.directory = directory
        for ca in ("server-ca", "client-ca", "rogue-ca"):
            self.new_key(ca)
            openssl("req", "-x509", "-new", "-key", self.key(ca), "-subj", f"/CN={ca}", "-days", 30,
                    "-out", self.certificate(ca))
        self.issue("server", "server-ca", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.issue("client", "client-ca", "extendedKeyUsage=clientAuth")
        self.issue("rogue", "rogue-ca", "extendedKeyUsage=clientAuth")

    def certificate(self, name):
        return self.directory / f"{name}.crt"

    def key(self, name):
        return self.directory / f"{name}.key"

    def new_key(self, name, algorithm=("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")):
        openssl("genpkey", *algorithm, "-out", self.key(name))
        self.key(name).chmod(0o600)

    def issue(self, name, ca, extension):
        self.new_key(name)
        request, extensions = self.directory / "request", self.directory / "extensions"
        extensions.write_text(extension)
        openssl("req", "-new", "-key", self.key(name), "-subj", f"/CN={name}", "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate(ca), "-CAkey", self.key(ca),
                "-CAcreateserial", "-days", 30, "-extfile", extensions, "-out", self.certificate(name))
