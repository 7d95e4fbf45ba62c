using System.CommandLine;

namespace NodeAgent.Containers;

/// <summary>What <c>nodeagent run</c> was told about containers; the names are the kubelet's.</summary>
/// <param name="SeccompDefault">A container that names no seccomp profile gets RuntimeDefault.</param>
/// <param name="AllowedUnsafeSysctls">Names, or prefixes that end with *.</param>
/// <param name="PodMaxPids">Most processes of one pod.</param>
internal sealed record ContainerOptions(bool SeccompDefault = true, IReadOnlyList<string>? AllowedUnsafeSysctls = null, long PodMaxPids = 32768)
{
    private static readonly Option<bool> Seccomp = new("--seccomp-default")
    {
        Description = "Containers that name no seccomp profile get RuntimeDefault", DefaultValueFactory = _ => true,
    };

    private static readonly Option<string[]> Sysctls = new("--allowed-unsafe-sysctls")
    {
        Description = "Sysctls that pods may set besides the safe ones, or prefixes that end with *; may be repeated", HelpName = "NAME", DefaultValueFactory = _ => [],
    };

    private static readonly Option<long> Pids = new("--pod-max-pids") { Description = "Most processes of one pod", HelpName = "N", DefaultValueFactory = _ => 32768 };

    public static void AddTo(Command command)
    {
        command.Options.Add(Seccomp);
        command.Options.Add(Sysctls);
        command.Options.Add(Pids);
    }

    public static ContainerOptions Of(ParseResult parsed) =>
        new(parsed.GetValue(Seccomp), [.. parsed.GetValue(Sysctls)!.SelectMany(names => names.Split(','))], parsed.GetValue(Pids));
}
