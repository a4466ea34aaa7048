# fish completion for warmboot(8)
# SPDX-License-Identifier: GPL-2.0-or-later

set -l verbs plan check kernels devices hooks report cancel restore

function __warmboot_kernels
    printf '%s\n' running default latest
    warmboot kernels --no-legend --columns=id 2>/dev/null
end

function __warmboot_modules
    string replace -r ' .*' '' </proc/modules 2>/dev/null
end

function __warmboot_targets
    systemctl list-unit-files --type=target --no-legend --no-pager 2>/dev/null |
        string replace -r ' .*' ''
end

function __warmboot_plan
    warmboot plan --json 2>/dev/null |
        string replace -rf '^ *"(kind|target)": *"(.*)",$' '$2' |
        string replace -ra '\\\\(.)' '$1' | string replace -r '.* ' '' |
        string match -v '/*' | sort -u
end

function __warmboot_cmdline
    string split -n ' ' </proc/cmdline 2>/dev/null
end

function __warmboot_columns
    if __fish_seen_subcommand_from check
        printf '%s\n' name verdict subject message hint ignore
    else if __fish_seen_subcommand_from kernels
        printf '%s\n' id title version linux initrd options source problem running default \
            oneshot bad unified
    else if __fish_seen_subcommand_from devices
        printf '%s\n' id bus driver module display carries_root verdict because origin hook \
            held_by
    else if __fish_seen_subcommand_from hooks
        printf '%s\n' name path description state phase required code timeout_usec verdict \
            holders modules devices units drivers unbind match cmdline initramfs \
            block problem
    end
end

function __warmboot_reports
    for path in /var/lib/warmboot/*.json
        string replace -r '.*/(.*)\.json$' '$1' $path
    end
end

complete -c warmboot -f
complete -c warmboot -n "not __fish_seen_subcommand_from $verbs" -a plan -d 'show every step and its reason'
complete -c warmboot -n "not __fish_seen_subcommand_from $verbs" -a check -d 'is this machine ready?'
complete -c warmboot -n "not __fish_seen_subcommand_from $verbs" -a kernels -d 'what this machine could boot'
complete -c warmboot -n "not __fish_seen_subcommand_from $verbs" -a devices -d 'how each device is put to rest'
complete -c warmboot -n "not __fish_seen_subcommand_from $verbs" -a hooks -d 'the hooks and whether they are used'
complete -c warmboot -n "not __fish_seen_subcommand_from $verbs" -a report -d 'how the last warm boot went'
complete -c warmboot -n "not __fish_seen_subcommand_from $verbs" -a cancel -d 'take back what --when asked for'
complete -c warmboot -n "not __fish_seen_subcommand_from $verbs" -a restore -d 'undo what a killed run left'
complete -c warmboot -n '__fish_seen_subcommand_from report' -a '(__warmboot_reports)'
complete -c warmboot -l kernel -x -a '(__warmboot_kernels)' -d 'which kernel'
complete -c warmboot -l initrd -r -F -a none -d 'its initramfs'
complete -c warmboot -l dtb -r -F -d 'its device tree'
complete -c warmboot -l append -x -d 'add to the command line'
complete -c warmboot -l remove -x -a '(__warmboot_cmdline)' -d 'drop from the command line'
complete -c warmboot -l target -x -a '(__warmboot_targets)' -d 'isolate this'
complete -c warmboot -l no-isolate -d 'do not isolate a target'
complete -c warmboot -l unload -x -a '(__warmboot_modules)' -d 'remove this module as well'
complete -c warmboot -l keep -x -a '(__warmboot_modules)' -d 'leave this module'
complete -c warmboot -l kill -d 'kill bare processes that do not let go'
complete -c warmboot -l fallback -x -a 'none reboot' -d 'where a warm boot fails'
complete -c warmboot -l ignore -x -a 'configuration drivers: firmware holders: hooks: inhibitors initrd memory modules mounts packages root signature xen' -d 'overrule this check'
complete -c warmboot -l when -x -a 'now +1 +5 +10 +30 +60' -d later
complete -c warmboot -l message -x -d 'tell those who are logged in'
complete -c warmboot -l no-wall -d 'tell them nothing'
complete -c warmboot -s n -l dry-run -d 'the same as the verb plan'
complete -c warmboot -l force -d 'jump after a sync'
complete -c warmboot -s y -l yes -d 'do not ask'
complete -c warmboot -l json -d 'print JSON'
complete -c warmboot -l why -x -a '(__warmboot_plan)' -d 'of the plan show what is about this'
complete -c warmboot -l columns -x -a '(__fish_complete_list , __warmboot_columns)' -d 'show these columns'
complete -c warmboot -l no-legend -d 'show no titles'
complete -c warmboot -l no-pager -d 'do not use a pager'
complete -c warmboot -l root -x -a '(__fish_complete_directories)' -d 'look at the machine in this folder'
complete -c warmboot -s q -l quiet -d 'say warnings and errors only'
complete -c warmboot -s v -l verbose -d 'say more'
complete -c warmboot -s h -l help -d 'show the help'
complete -c warmboot -s V -l version -d 'show the version'
