namespace Linux;

/// <summary>How a program is started: <see cref="CommandRunner.TryRun"/>, or in another network namespace.</summary>
public delegate Task<CommandResult> RunProgram(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancel);

/// <summary>
/// iptables of this process' network namespace through its own programs. The legacy back end takes a file lock; where several machines share
/// /run, each needs XTABLES_LOCKFILE in its environment.
/// </summary>
/// <param name="run">Null = here.</param>
public sealed class Iptables(IptablesBackend backend, RunProgram? run = null)
{
    /// <summary>Seconds to wait for another program that holds the lock.</summary>
    private const string LockWait = "5";

    internal static readonly RunProgram RunHere = (program, arguments, input, cancel) => CommandRunner.TryRun(program, arguments, input, cancel: cancel);

    private readonly RunProgram run = run ?? RunHere;

    public IptablesBackend Backend => backend;

    /// <summary>How often this process has written tables of the legacy back end: their changes do not tell who made them.</summary>
    public static long LegacyWrites => Interlocked.Read(ref legacyWrites);

    private static long legacyWrites;

    /// <summary>All chains and rules of a table in the format of iptables-save(8).</summary>
    /// <exception cref="CommandException">iptables refused.</exception>
    public Task<string> Save(string table, CancellationToken cancel = default) => Run("save", ["-t", table], null, cancel);

    /// <summary>The same of every table that exists, one "*table … COMMIT" after the other; looking creates none.</summary>
    /// <exception cref="CommandException">iptables refused.</exception>
    public Task<string> SaveAll(CancellationToken cancel = default) => Run("save", [], null, cancel);

    /// <summary>
    /// Applies rules in that format. Each "*table … COMMIT" is one atomic step; chains that are not declared in it stay as they are.
    /// </summary>
    /// <exception cref="CommandException">iptables refused; the table in question is unchanged.</exception>
    public Task Restore(string text, CancellationToken cancel = default) => Run("restore", ["-w", LockWait, "--noflush"], text, cancel);

    internal static string Program(IptablesBackend backend, string verb) => $"iptables-{(backend == IptablesBackend.Nft ? "nft" : "legacy")}-{verb}";

    private async Task<string> Run(string verb, IReadOnlyList<string> arguments, string? input, CancellationToken cancel)
    {
        var program = Program(backend, verb);
        var result = await run(program, arguments, input, cancel);
        NetlinkPorts.Ended(result.ProcessId);
        if (backend == IptablesBackend.Legacy && verb == "restore") Interlocked.Increment(ref legacyWrites);
        return result.ExitCode == 0 ? result.Output : throw new CommandException($"{program} {string.Join(' ', arguments)}", result);
    }
}
