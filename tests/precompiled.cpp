// Nothing: the one file of catch_main that is built with the precompiled headers, so that they exist
// for the test groups, which share them. (catch_main.cpp itself has to read Catch2 its own way.)
