using Linux;

namespace Lab;

/// <summary>
/// The switch that the machines' eth0 hang on: a bridge in a namespace of its own, with a port per machine that bears the machine's name.
/// </summary>
/// <param name="Pid">The switch's init.</param>
internal sealed record Switch(int Pid)
{
    private const string Bridge = "bridge0";

    public Task Create() => Batch(Pid, "link set lo up", $"link add {Bridge} type bridge stp_state 0 mcast_snooping 0", $"link set {Bridge} up");

    /// <summary>Gives a machine its eth0, with everything that is configured on it.</summary>
    public async Task Plug(int machinePid, MachineSpec machine)
    {
        await Unplug(machine.Name);
        await Batch(machinePid,
        [
            "link set lo up",
            $"link add eth0 address {machine.HardwareAddress} type veth peer name {machine.Name} netns {Pid}",
            .. machine.Addresses.Select(address => $"addr add {address} dev eth0"),
            "link set eth0 up",
            .. machine.Gateway is { } gateway ? [$"route add default via {gateway}"] : Array.Empty<string>(),
        ]);
        await Batch(Pid, $"link set {machine.Name} master {Bridge} up");
    }

    /// <summary>Takes the cable away; a port that is not there is fine.</summary>
    public async Task Unplug(string machine)
    {
        if (await Port(machine) is not null) await CommandRunner.TryRun("nsenter", [$"--net=/proc/{Pid}/ns/net", "ip", "link", "del", machine]);
    }

    /// <summary>Cuts the link: both ends lose their carrier, as when a cable is pulled.</summary>
    public Task Cut(string machine) => Batch(Pid, $"link set {machine} down");

    public Task Heal(string machine) => Batch(Pid, $"link set {machine} up");

    /// <summary>Delays and loses what the switch sends to the machine (tc-netem(8)); no delay and no loss mends it.</summary>
    /// <param name="loss">0 to 1.</param>
    public async Task Degrade(string machine, TimeSpan delay, double loss)
    {
        string[] change = delay == TimeSpan.Zero && loss == 0
            ? ["del", "dev", machine, "root"]
            : ["replace", "dev", machine, "root", "netem", "delay", FormattableString.Invariant($"{delay.TotalMilliseconds}ms"), "loss", FormattableString.Invariant($"{loss * 100}%")];
        var result = await CommandRunner.TryRun("nsenter", [$"--net=/proc/{Pid}/ns/net", "tc", "qdisc", .. change]);
        if (result.ExitCode != 0 && change[0] != "del") throw new CommandException($"tc qdisc {string.Join(' ', change)}", result);
    }

    /// <summary>Whether the machine's port is up; null if it has none.</summary>
    public async Task<bool?> Port(string machine)
    {
        var result = await CommandRunner.TryRun("nsenter", [$"--net=/proc/{Pid}/ns/net", "ip", "-o", "link", "show", "dev", machine]);
        return result.ExitCode != 0 ? null : result.Output.Contains(",UP", StringComparison.Ordinal);
    }

    private static Task Batch(int pid, params string[] lines) =>
        CommandRunner.Run("nsenter", [$"--net=/proc/{pid}/ns/net", "ip", "-batch", "-"], string.Join('\n', lines) + "\n");
}
