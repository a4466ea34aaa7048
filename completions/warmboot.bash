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
            warmboot plan --json | sed -En 's/^ *"(kind|target)": *"(.*)",$/\2/p' |
                sed 's/\\\(.\)/\1/g; s/.* //; /^\//d' | sort -u
            ;;
        --remove) tr -s '[:space:]' '\n' </proc/cmdline ;;
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
                check) printf '%s\n' name verdict subject message hint ignore ;;
                kernels)
                    printf '%s\n' id title version linux initrd options source problem running \
                        default oneshot bad unified
                    ;;
                devices)
                    printf '%s\n' id bus driver module display carries_root verdict because \
                        origin hook held_by
                    ;;
                hooks)
                    printf '%s\n' name path description state phase required code timeout_usec \
                        verdict holders modules devices units drivers unbind match \
                        cmdline initramfs block problem
                    ;;
            esac
            ;;
        --initrd) echo none ;;
        report) find /var/lib/warmboot -maxdepth 1 -name '*.json' | sed 's|.*/||; s/\.json$//' ;;
    esac 2>/dev/null
}

# _warmboot_offer CURRENT [BEFORE]: of the lines that are read, those that begin so, without
# what bash takes for words before the current one. compgen -W is not for words that others
# choose: it expands what looks like a substitution.
_warmboot_offer() {
    local word
    while IFS= read -r word; do
        [[ $word != "${2-}$1"* ]] || COMPREPLY+=("$(printf %q "${word#"${2-}"}")")
    done
}

# Of a list with commas the last is completed, and those before it stay. Words of our own:
# nothing in them has to be quoted.
_warmboot_list() {
    local last=${1##*,} word
    while IFS= read -r word; do
        [[ $word != "$last"* ]] || COMPREPLY+=("${1%"$last"}$word")
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
    local word verb='' option=$previous typed=${COMP_LINE:0:COMP_POINT} before=''

    COMPREPLY=()
    # "=" and ":" are words of their own to bash, also within a value.
    [[ $current != [=:] ]] || current=''
    typed=${typed##*[[:blank:]]}
    if [[ $typed == --*=* ]]; then
        option=${typed%%=*}
        before=${typed#*=}
        before=${before%"$current"}
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
        --append | --message) return ;;
        --columns)
            _warmboot_list "$current" < <(_warmboot_values "$option" "$verb")
            return
            ;;
    esac
    if [[ $option == --* && " ${valued//$'\n'/ } " == *" $option "* ]]; then
        _warmboot_offer "$current" "$before" < <(_warmboot_values "$option")
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
