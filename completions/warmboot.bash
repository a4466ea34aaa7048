# bash completion for warmboot(8)                            -*- shell-script -*-
# SPDX-License-Identifier: GPL-2.0-or-later

# What this machine has; nothing where it cannot be asked.
_warmboot_values() {
    case $1 in
        --kernel) echo running default latest; warmboot kernels --no-legend --columns=id ;;
        --unload | --keep) sed 's/ .*//' /proc/modules ;;
        --why)
            echo isolate load-kernel kexec
            sed 's/ .*//' /proc/modules
            ;;
        --target)
            systemctl list-unit-files --type=target --no-legend --no-pager | sed 's/ .*//'
            ;;
        --fallback) echo none reboot ;;
        --ignore)
            echo configuration drivers: firmware holders: hooks: inhibitors initrd memory \
                modules mounts packages root signature xen
            ;;
        --when) echo now +1 +5 +10 +30 +60 ;;
        --columns)
            case $2 in
                kernels) echo id title version running default linux initrd options source ;;
                devices) echo id bus driver module verdict because origin hook held_by ;;
                hooks) echo name path description state phase verdict drivers modules ;;
            esac
            ;;
        --initrd) echo none ;;
        report) sed -n 's/^ *"id": "\(.*\)",$/\1/p' /var/lib/warmboot/*.json | sort -u ;;
    esac 2>/dev/null
}

_warmboot() {
    local verbs='plan check kernels devices hooks report cancel restore'
    local flags='--no-isolate --kill --no-wall --dry-run --force --yes --json --no-legend
        --no-pager --quiet --verbose --help --version'
    local valued='--kernel --initrd --dtb --append --remove --target --unload --keep --fallback
        --ignore --when --message --why --columns --root'
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local word verb='' option=''

    COMPREPLY=()
    # "=" is a word of its own to bash.
    if [[ $previous == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    elif [[ $current == = ]]; then
        option=$previous
        current=''
    else
        option=$previous
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " $verbs " == *" $word "* ]] && verb=$word
    done
    case $option in
        --initrd | --dtb)
            mapfile -t COMPREPLY < <(compgen -W "$(_warmboot_values "$option")" -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --root)
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --append | --remove | --message) return ;;
    esac
    if [[ ${valued//$'\n'/ } =~ (^|[[:space:]])"$option"($|[[:space:]]) ]]; then
        mapfile -t COMPREPLY < <(
            compgen -W "$(_warmboot_values "$option" "$verb")" -- "$current"
        )
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -S = -W "$valued" -- "$current")
        [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
    elif [[ $verb == report ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_warmboot_values report)" -- "$current")
    elif [[ -z $verb ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$current")
    fi
}

complete -F _warmboot warmboot
