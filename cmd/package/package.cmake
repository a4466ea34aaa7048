# The packages, .deb and .rpm: the program, and what of it goes into an initramfs or a shell.
set(CPACK_GENERATOR DEB RPM)
set(CPACK_PACKAGE_CONTACT "the warmboot maintainers <maintainers@warmboot.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "restart Linux through kexec, after putting its drivers to rest")
set(CPACK_COMPONENTS_ALL core dracut completions)
set(package ${CMAKE_CURRENT_LIST_DIR})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_CORE_PACKAGE_NAME warmboot)
set(CPACK_DEBIAN_CORE_DESCRIPTION
"warmboot checks everything before it touches anything, stops what holds the
devices by unit, removes the drivers in the order of their dependencies, takes
all of it back when something fails, and lets the next boot prove that it
arrived. It is what you type instead of reboot.")
set(CPACK_DEBIAN_CORE_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_CORE_PACKAGE_DEPENDS "kexec-tools, systemd")
set(CPACK_DEBIAN_CORE_PACKAGE_SUGGESTS "warmboot-dracut")
set(CPACK_DEBIAN_CORE_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/cmd/conffiles
  ${package}/postinst ${package}/prerm ${package}/postrm)
set(CPACK_DEBIAN_DRACUT_PACKAGE_NAME warmboot-dracut)
set(CPACK_DEBIAN_DRACUT_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DRACUT_DESCRIPTION
"The part of warmboot that goes into each initramfs that dracut makes: it takes
the last steps when the root is unmounted, makes the jump itself, and tells on
the way up when the initramfs was reached.")
set(CPACK_DEBIAN_DRACUT_PACKAGE_DEPENDS "warmboot (>= ${PROJECT_VERSION}), dracut-core")
set(CPACK_DEBIAN_COMPLETIONS_PACKAGE_NAME warmboot-completions)
set(CPACK_DEBIAN_COMPLETIONS_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_COMPLETIONS_DESCRIPTION
"What bash, zsh and fish need to complete the verbs and options of warmboot, and
the kernels, modules, targets and records of this machine.")
set(CPACK_DEBIAN_COMPLETIONS_PACKAGE_DEPENDS "warmboot (>= ${PROJECT_VERSION})")

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_MAIN_COMPONENT core)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "GPL-2.0-or-later")
set(CPACK_RPM_CORE_PACKAGE_REQUIRES "kexec-tools, systemd")
set(CPACK_RPM_CORE_PACKAGE_SUGGESTS "warmboot-dracut")
set(CPACK_RPM_CORE_POST_INSTALL_SCRIPT_FILE ${package}/postinst)
set(CPACK_RPM_CORE_PRE_UNINSTALL_SCRIPT_FILE ${package}/prerm)
set(CPACK_RPM_CORE_POST_UNINSTALL_SCRIPT_FILE ${package}/postrm)
set(CPACK_RPM_CORE_USER_FILELIST "%config(noreplace) /etc/warmboot.conf")
set(CPACK_RPM_DRACUT_PACKAGE_REQUIRES "warmboot >= ${PROJECT_VERSION}, dracut")
set(CPACK_RPM_DRACUT_PACKAGE_ARCHITECTURE noarch)
set(CPACK_RPM_COMPLETIONS_PACKAGE_REQUIRES "warmboot >= ${PROJECT_VERSION}")
set(CPACK_RPM_COMPLETIONS_PACKAGE_ARCHITECTURE noarch)
# Folders of others.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /usr/lib/dracut
  /usr/lib/dracut/modules.d /usr/lib/systemd /usr/lib/systemd/catalog
  /usr/lib/systemd/system /usr/lib/systemd/system-preset
  /usr/lib/systemd/system-shutdown /usr/share/bash-completion
  /usr/share/bash-completion/completions /usr/share/fish
  /usr/share/fish/vendor_completions.d /usr/share/zsh
  /usr/share/zsh/vendor-completions /usr/share/doc /usr/share/man
  /usr/share/man/man5 /usr/share/man/man7 /usr/share/man/man8)
include(CPack)
