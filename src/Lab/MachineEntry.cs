namespace Lab;

/// <summary>
/// How a process of the host gets into a machine: first into its cgroups, then into all its namespaces, with the machine's environment.
/// The command replaces itself step by step, so the exit code, the terminal and signals are those of the program inside.
/// </summary>
internal static class MachineEntry
{
    /// <summary>Joins the cgroups up to "--", then becomes the rest of its arguments.</summary>
    private const string JoinCgroups = """
        while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit 125; shift; done
        shift
        exec "$@"
        """;

    /// <summary>The program and its arguments; the working directory inside is /root.</summary>
    public static IReadOnlyList<string> Command(MachineSpec spec, int initPid, IEnumerable<string> command, string? terminal = null) => Joining(spec.Cgroups,
    [
        "nsenter", "--target", $"{initPid}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--",
        // nsenter stays outside, waits and passes no signals on: what it started must end when it is ended.
        "setpriv", "--pdeathsig", "TERM", "--",
        "env", "-i", "-C", "/root", .. spec.Environment.Select(variable => $"{variable.Key}={variable.Value}"),
        .. terminal is null ? Array.Empty<string>() : [$"TERM={terminal}"],
        .. command,
    ]);

    /// <summary>Where the host has cgroup version 2 alone, the machine's processes are in a leaf (<see cref="MachineInit.InitCgroup"/>).</summary>
    public static IReadOnlyList<string> Joining(IEnumerable<string> cgroups, IEnumerable<string> command) =>
    [
        "/bin/sh", "-c", JoinCgroups, "join-cgroups",
        .. cgroups.Select(cgroup => Directory.Exists($"{cgroup}/{MachineInit.InitCgroup}") ? $"{cgroup}/{MachineInit.InitCgroup}" : cgroup),
        "--", .. command,
    ];
}
