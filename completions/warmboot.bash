# bash completion for warmboot(8)                            -*- shell-script -*-
# SPDX-License-Identifier: GPL-2.0-or-later

# What this machine has; nothing where it cannot be asked.
_warmboot_values() {
    case $1 in
        --kernel)
            printf '%s\n' running default latest
            warmboot kernels --no-legend --columns=id
            ;;
        --unload | --keep) sed 's/ .*//' /proc/modules ;;
        --why)
            printf '%s\n' isolate load-kernel kexec
            sed 's/ .*//' /proc/modules
            ;;
        --target)
            systemctl list-unit-files --type=target --no-legend --no-pager | sed 's/ .*//'
            ;;
        --fallback) printf '%s\n' none reboot ;;
        --ignore)
            printf '%s\n' configuration drivers: firmware holders: hooks: inhibitors initrd memory \
                modules mounts packages root signature xen
            ;;
        --when) printf '%s\n' now +1 +5 +10 +30 +60 ;;
        --columns)
            case $2 in
                kernels) printf '%s\n' id title version running default linux initrd options source ;;
                devices) printf '%s\n' id bus driver module verdict because origin hook held_by ;;
                hooks) printf '%s\n' name path description state phase verdict drivers modules ;;
            esac
            ;;
        --initrd) echo none ;;
        report) sed -n 's/^ *"id": "\(.*\)",$/\1/p' /var/lib/warmboot/*.json | sort -u ;;
    esac 2>/dev/null
}

# _warmboot_offer CURRENT: of the lines that are read, those that begin so. compgen -W is not
# for words that others choose: it expands what looks like a substitution.
_warmboot_offer() {
    local word
    while IFS= read -r word; do
        [[ $word != "$1"* ]] || COMPREPLY+=("$(printf %q "$word")")
    done
}

_warmboot_words() {
    local IFS=$' \n'
    # shellcheck disable=SC2086 # words of our own
    printf '%s\n' $1
}

_warmboot() {
    local verbs='plan check kernels devices hooks report cancel restore'
    local flags='--no-isolate --kill --no-wall --dry-run --force --yes --json --no-legend
        --no-pager --quiet --verbose --help --version'
    local valued='--kernel --initrd --dtb --append --remove --target --unload --keep --fallback
        --ignore --when --message --why --columns --root'
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local word verb='' option=$previous

    COMPREPLY=()
    # "=" is a word of its own to bash.
    if [[ $previous == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    elif [[ $current == = ]]; then
        current=''
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " $verbs " == *" $word "* ]] && verb=$word
    done
    case $option in
        --initrd | --dtb)
            compopt -o filenames 2>/dev/null
            _warmboot_offer "$current" < <(_warmboot_values "$option")
            mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        --root)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            return
            ;;
        --append | --remove | --message) return ;;
    esac
    if [[ $option == --* && " ${valued//$'\n'/ } " == *" $option "* ]]; then
        _warmboot_offer "$current" < <(_warmboot_values "$option" "$verb")
    elif [[ $current == -* ]]; then
        _warmboot_offer "$current" < <(_warmboot_words "$flags")
        _warmboot_offer "$current" < <(_warmboot_words "$valued" | sed 's/$/=/')
        [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
    elif [[ $verb == report ]]; then
        _warmboot_offer "$current" < <(_warmboot_values report)
    elif [[ -z $verb ]]; then
        _warmboot_offer "$current" < <(_warmboot_words "$verbs")
    fi
}

complete -F _warmboot warmboot
