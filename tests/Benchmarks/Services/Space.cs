using Linux;

namespace Benchmarks.Services;

/// <summary>A network namespace of a measurement, pinned on a file. Disposing leaves nothing.</summary>
internal sealed class Space : IDisposable
{
    private readonly PinnedNamespaces pins;
    private readonly IReadOnlyDictionary<string, string> environment;

    public Space(string directory, string name)
    {
        pins = new(Path.Combine(directory, name));
        pins.Create();
        Namespace = NetworkNamespace.Open(pins.Net);
        // iptables' own lock: namespaces do not wait for each other
        environment = new Dictionary<string, string> { ["XTABLES_LOCKFILE"] = $"{pins.Net}.xtables.lock" };
    }

    public string File => pins.Net;

    public NetworkNamespace Namespace { get; }

    /// <summary>As <see cref="CommandRunner.TryRun"/>, inside.</summary>
    public Task<CommandResult> TryRun(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancel) =>
        CommandRunner.TryRun("nsenter", [$"--net={File}", "--", program, .. arguments], input, environment, cancel);

    /// <exception cref="CommandException">The program failed.</exception>
    public async Task<string> Run(string program, IReadOnlyList<string> arguments, string? input = null, CancellationToken cancel = default)
    {
        var result = await TryRun(program, arguments, input, cancel);
        return result.ExitCode == 0 ? result.Output : throw new CommandException($"{program} {string.Join(' ', arguments)}", result);
    }

    /// <summary>Commands of ip(8), one a line, without the "ip".</summary>
    public Task Ip(params string[] commands) => Run("ip", ["-batch", "-"], string.Join('\n', commands) + "\n");

    /// <summary>Each is "name=value", the name as below /proc/sys/net.</summary>
    public void Sysctls(params string[] settings) => Namespace.Run(() =>
    {
        foreach (var setting in settings) Sysctl.Write($"net/{setting.Split('=')[0]}", setting.Split('=')[1]);
    });

    public void Dispose()
    {
        Namespace.Dispose();
        pins.Remove();
    }
}
