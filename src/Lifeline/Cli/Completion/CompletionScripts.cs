namespace Lifeline.Cli.Completion;

/// <summary>What a shell reads so that Tab asks <see cref="Completer"/>. Where it has no answer, names of files are offered.</summary>
internal static class CompletionScripts
{
    public const string Bash = """
        # bash completion of lifeline:  source <(lifeline completion bash)
        _lifeline() {
            local line
            COMPREPLY=()
            while IFS= read -r line; do
                COMPREPLY+=("${line%%$'\t'*}")
            done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -o default -F _lifeline lifeline

        """;

    public const string Zsh = """
        #compdef lifeline
        # zsh completion of lifeline:  source <(lifeline completion zsh)
        _lifeline() {
            local line
            local -a items
            for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                [[ -n $line ]] && items+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
            done
            (( ${#items} )) && _describe lifeline items || _files
        }
        (( $+functions[compdef] )) && compdef _lifeline lifeline

        """;

    public const string Fish = """
        # fish completion of lifeline:  lifeline completion fish | source
        function __lifeline_complete
            set -l words (commandline -opc) (commandline -ct)
            $words[1] __complete $words[2..-1] 2>/dev/null
        end
        complete -c lifeline -e
        complete -c lifeline -a '(__lifeline_complete)'

        """;
}
