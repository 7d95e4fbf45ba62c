using Linux;

namespace KernelTests.ServiceProxy;

/// <summary>A network namespace of a test, pinned on a file, in which programs and sockets are started. Disposing leaves nothing.</summary>
internal sealed class TestSpace : IDisposable
{
    private readonly PinnedNamespaces pins;
    private readonly IReadOnlyDictionary<string, string> environment;

    public TestSpace(string directory, string name)
    {
        Name = name;
        pins = new(Path.Combine(directory, name));
        pins.Create();
        Namespace = NetworkNamespace.Open(pins.Net);
        environment = new Dictionary<string, string> { ["XTABLES_LOCKFILE"] = LockFile };
    }

    public string Name { get; }
    public string File => pins.Net;
    public NetworkNamespace Namespace { get; }

    /// <summary>iptables' own, so that machines do not wait for each other.</summary>
    public string LockFile => $"{File}.xtables.lock";

    /// <summary>As <see cref="CommandRunner.TryRun"/>, inside.</summary>
    public Task<CommandResult> TryRun(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancel) =>
        CommandRunner.TryRun("nsenter", [$"--net={File}", "--", program, .. arguments], input, environment, cancel);

    /// <exception cref="CommandException">The program failed.</exception>
    public async Task<string> Run(string program, IReadOnlyList<string> arguments, string? input = null)
    {
        var result = await TryRun(program, arguments, input, default);
        return result.ExitCode == 0 ? result.Output : throw new CommandException($"{program} {string.Join(' ', arguments)}", result);
    }

    /// <summary>Commands of ip(8), one a line, without the "ip".</summary>
    public Task Ip(string commands) => Run("ip", ["-batch", "-"], commands);

    /// <summary>Each is "name=value", the name as below /proc/sys/net.</summary>
    public void Sysctls(params string[] settings) => Namespace.Run(() =>
    {
        foreach (var setting in settings) Sysctl.Write($"net/{setting.Split('=')[0]}", setting.Split('=')[1]);
    });

    public void Dispose()
    {
        Namespace.Dispose();
        pins.Remove();
        Assert.False(System.IO.File.Exists(File));
    }
}
