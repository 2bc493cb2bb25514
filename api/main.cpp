#include "api/cli/command.h"

int main(int argc, char** argv) { return fundtrail::api::cli::run(argc, argv); }
