"""Pages of vouchers for somebody limited to some regions, while others write: no row of another region, none missing,
none twice. The vouchers of the regions lie between each other, in the same and in different series and blocks."""
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_registers import number  # noqa: E402
from world import BASE, World  # noqa: E402

REGIONS = ["320412901", "320412902", "320412903"]
ELDERS = 100  # of each region: with three regions more than a block of 256 vouchers
LAST = {"2008-04": "30", "2008-05": "31"}


class VoucherPages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = w = World()
        for user, regions in (("first", REGIONS[:1]), ("last", REGIONS[2:]), ("both", [REGIONS[0], REGIONS[2]])):
            w.new_user(user, "inspector", region=regions)
            w.tokens[user] = w.new_token(user, "inspector")
        w.start().fill()
        for code in REGIONS[1:]:
            w.record(code, "registrar", "region_registration", "2008-04-01", {"region": code, "name": "镇"})
            w.record(f"more-{code}", "preparer", "fund_receipt", "2008-04-02",
                     {"account": "za", "amount": "30000.00", "bank_reference": f"B-{code}", "document_no": f"{code}号",
                      "fund": "care", "source": "district"})
            w.record(f"down-{code}", "preparer", "allotment", "2008-04-03",
                     {"amount": "30000.00", "document_no": f"{code}号", "from_counterpart": False, "fund": "care",
                      "programme": "services", "region": code}, policy="wujin-2008@1")
        batch = [{"kind": "beneficiary_registration", "date": "2008-04-10", "policy": "wujin-2008@1",
                  "doc": {"category": "dibian", "channel": "home", "entitled_from": "2008-04-01",
                          "region": REGIONS[n % 3]},
                  "identity": {"name": "合成老人", "id_number": number(n)}} for n in range(3 * ELDERS)]
        made = w.post({"commands": batch}, "people", "registrar")
        assert made.status == 201, made.bytes[:500]
        people = [result["receipt"]["beneficiary"] for result in made.json["results"]]
        cls.elders = {code: people[n::3] for n, code in enumerate(REGIONS)}
        cls.serials, cls.region_of = {}, {}
        # Two series; in each the regions take turns, in runs of 1 to 9 vouchers.
        left = {code: list(people) for code, people in cls.elders.items()}
        turn = 0
        while any(left.values()):
            code = REGIONS[turn % 3]
            run = left[code][:1 + turn % 9]
            del left[code][:len(run)]
            if run:
                cls.issue(w, "TU"[turn % 7 == 3], code, "2008-04", run)
            turn += 1

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    @classmethod
    def issue(cls, w, series, code, month, people):
        """A voucher for each; answers their numbers."""
        first = cls.serials.get(series, 0) + 1
        cls.serials[series] = first + len(people) - 1
        numbers = [f"{series}-{first + n:08d}" for n in range(len(people))]
        w.record(f"{series}-{first}", "preparer", "voucher_issue", f"{month}-11",
                 {"fund": "care", "month": month, "programme": "services", "region": code,
                  "valid_from": f"{month}-11", "valid_to": f"{month}-{LAST[month]}"},
                 lines=[{"beneficiary": person, "face": "100.00", "voucher": voucher}
                        for person, voucher in zip(people, numbers)], policy="wujin-2008@1")
        cls.region_of.update(dict.fromkeys(numbers, code))
        return numbers

    def pages(self, who, query, between):
        """All rows; `between` is done after each page."""
        found, cursor, pages = [], "", 0
        while True:
            page = self.world.get(f"{BASE}/vouchers?{query}{cursor}", role=who)
            self.assertEqual(page.status, 200, page.bytes)
            found += page.json["vouchers"]
            pages += 1
            if "next" not in page.json:
                return found, pages
            self.assertLess(pages, 500)
            cursor = "&cursor=" + page.json["next"]
            between(pages)

    def test_pages_while_others_write(self):
        w, all_regions = self.world, self.region_of
        self.assertGreater(self.serials["T"], 256)
        waiting = {code: list(people) for code, people in self.elders.items()}
        wrote = {"new": 0, "void": 0}

        def write(n):
            """A new voucher of a region in turn, in a series that comes before, between or behind; and one is voided."""
            code = REGIONS[n % 3]
            if waiting[code]:
                self.issue(w, ("A", "T", "TZ", "U", "Z")[n % 5], code, "2008-05", [waiting[code].pop()])
                wrote["new"] += 1
            voided = f"T-{1 + wrote['void']:08d}"
            if n % 4 == 0 and wrote["void"] < 40:
                w.record(f"void-{voided}", "preparer", "voucher_void", "2008-04-20", {"reason": "lost"},
                         lines=[{"voucher": voided}])
                wrote["void"] += 1
        for who, theirs in (("first", REGIONS[:1]), ("last", REGIONS[2:]), ("both", [REGIONS[0], REGIONS[2]]),
                            ("inspector", REGIONS)):
            for query in ("limit=7", "limit=50&month=2008-04", "limit=3&series=U", f"limit=20&region={theirs[-1]}"):
                with self.subTest(who=who, query=query):
                    wanted = [r for r in theirs if "region" not in query or r == theirs[-1]]

                    def fit(number):
                        return all_regions[number] in wanted and ("series" not in query or number.startswith("U-"))
                    before = {number for number in all_regions if fit(number)}
                    if "month" in query:
                        before &= {v["voucher"] for v in w.get(f"{BASE}/vouchers?month=2008-04&limit=500").json["vouchers"]}
                    rows, pages = self.pages(who, query, write)
                    numbers = [row["voucher"] for row in rows]
                    self.assertEqual(numbers, sorted(numbers))
                    self.assertEqual(len(numbers), len(set(numbers)))
                    self.assertEqual(before - set(numbers), set())
                    self.assertTrue(all(fit(number) for number in numbers))
                    for row in rows:
                        self.assertEqual(row["region"], all_regions[row["voucher"]])
                        self.assertIn(row["beneficiary"], self.elders[row["region"]])
                    if "month" in query:
                        self.assertEqual(set(numbers), before)
                    self.assertGreater(pages, 1)
        self.assertGreater(wrote["new"], 100)
        self.assertEqual(wrote["void"], 40)
        # Nothing of theirs stands in what the other regions' reader is answered, cursors included.
        foreign = [*self.elders[REGIONS[1]], *self.elders[REGIONS[2]], *REGIONS[1:],
                   *(f'"{number}"' for number, code in all_regions.items() if code != REGIONS[0])]
        cursor = ""
        while True:
            page = w.get(f"{BASE}/vouchers?limit=5{cursor}", role="first")
            text = page.bytes.decode()
            self.assertFalse([one for one in foreign if one in text], json.loads(text).get("next"))
            if "next" not in page.json:
                break
            cursor = "&cursor=" + page.json["next"]


if __name__ == "__main__":
    unittest.main()
