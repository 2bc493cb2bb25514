# The Debian package: cpack -G DEB in the build directory. Completion, manual pages and the example
# configuration are made by the program itself whenever it is built.
set(packaging ${CMAKE_SOURCE_DIR}/api/packaging)
set(made ${CMAKE_BINARY_DIR}/share)
add_custom_command(TARGET fundtrail POST_BUILD
  COMMAND ${packaging}/make_files.sh $<TARGET_FILE:fundtrail> ${made})

# The package holds the program; tests need not be built for it.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(TARGETS fundtrail DESTINATION bin)
install(FILES ${made}/completion DESTINATION share/bash-completion/completions RENAME fundtrail)
install(FILES ${made}/fundtrail.1.gz DESTINATION share/man/man1)
install(FILES ${made}/fundtrail.zh_CN.1.gz DESTINATION share/man/zh_CN/man1 RENAME fundtrail.1.gz)
install(FILES ${made}/fundtrail.toml DESTINATION /etc/fundtrail)
install(FILES ${packaging}/fundtrail.service ${packaging}/fundtrail-backup.service
  ${packaging}/fundtrail-backup.timer DESTINATION /lib/systemd/system)
file(GLOB documents ${CMAKE_SOURCE_DIR}/docs/*.md ${CMAKE_SOURCE_DIR}/docs/*.json)
install(FILES ${documents} ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/README.zh-CN.md
  ${CMAKE_SOURCE_DIR}/CHANGELOG.md ${CMAKE_SOURCE_DIR}/api/openapi.yaml DESTINATION share/doc/fundtrail)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION share/doc/fundtrail RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME fundtrail)
set(CPACK_PACKAGE_CONTACT "FundTrail maintainers <maintainers@fundtrail.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "append-only, hash-chained ledger of dedicated public funds
 Records allotments, service vouchers, settlements and payments of public funds, refuses what the
 rules forbid, and hands auditors evidence that can be checked offline.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/postinst ${packaging}/prerm ${packaging}/postrm
  ${packaging}/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
