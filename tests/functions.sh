# What tests/run and tests/try share. Sourced from the top folder.
# shellcheck shell=bash

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    else
        sudo -- "$@"
    fi
}

# Installs the packages of tests/packages that are missing, where Debian's tools are.
install_packages() {
    local wanted missing
    command -v dpkg-query apt-get >/dev/null || return 0
    wanted=$(sed 's/#.*//' tests/packages | xargs -n 1 | sort)
    # shellcheck disable=SC2086 # one word each
    missing=$(comm -23 <(echo "$wanted") \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
            sed -n 's/^installed //p' | sort -u))
    [[ -n $missing ]] || return 0
    echo "installing: ${missing//$'\n'/ }"
    as_root apt-get update -qq
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        $missing >/dev/null
}

# Configures and builds a preset of CMakePresets.json; a warning is an error here.
build() {
    cmake --preset "$1" -DWARMBOOT_WERROR=ON >/dev/null || return
    cmake --build --preset "$1"
}
