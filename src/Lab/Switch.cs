using Linux;

namespace Lab;

/// <summary>
/// The switch that the machines' eth0 hang on: a bridge in a namespace of its own, with a port per machine that bears the machine's name.
/// </summary>
/// <param name="Pid">The switch's init.</param>
internal sealed record Switch(int Pid)
{
    /// <summary>The segments, of which only a router knows both.</summary>
    private const string Bridge = "bridge0", FarBridge = "bridge1";

    /// <param name="routed">Whether there is a second segment.</param>
    public Task Create(bool routed) => Batch(Pid,
        ["link set lo up", .. (routed ? [Bridge, FarBridge] : new[] { Bridge }).SelectMany(bridge => new[] { $"link add {bridge} type bridge stp_state 0 mcast_snooping 0", $"link set {bridge} up" })]);

    /// <summary>Gives a machine its eth0, with everything that is configured on it, and the router its eth1.</summary>
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
            .. machine.Routes.Select(route => $"route add {route}"),
        ]);
        await Batch(Pid, $"link set {machine.Name} master {(machine.IsFar ? FarBridge : Bridge)} up");
        if (machine.FarAddress is not { } far) return;
        await Batch(machinePid, $"link add eth1 address {AddressPlan.Hardware(far.Split('/')[0])} type veth peer name {FarPort(machine.Name)} netns {Pid}", $"addr add {far} dev eth1", "link set eth1 up");
        await Batch(Pid, $"link set {FarPort(machine.Name)} master {FarBridge} up");
    }

    private static string FarPort(string machine) => $"{machine}-far";

    /// <summary>Takes the cable away; a port that is not there is fine.</summary>
    public async Task Unplug(string machine)
    {
        foreach (var port in new[] { machine, FarPort(machine) })
            if (await Port(port) is not null) await CommandRunner.TryRun("nsenter", [NetworkOf(Pid), "ip", "link", "del", port]);
    }

    /// <summary>Cuts the link: both ends lose their carrier, as when a cable is pulled.</summary>
    public Task Cut(string machine) => Batch(Pid, $"link set {machine} down");

    public Task Heal(string machine) => Batch(Pid, $"link set {machine} up");

    /// <summary>Makes a link bad; no delay and no loss mends it.</summary>
    /// <param name="delay">For each packet to the machine, by tc-netem(8).</param>
    /// <param name="loss">0 to 1, of the packets to the machine and of those from it; by nftables, which more kernels have than netem.</param>
    /// <exception cref="LabException">A delay is asked for and this kernel has no netem.</exception>
    public async Task Degrade(string machine, TimeSpan delay, double loss)
    {
        await Inside(Pid, ["nft", "-f", "-"], LossRules(machine, loss));
        string[] root = ["tc", "qdisc", delay == TimeSpan.Zero ? "del" : "replace", "dev", machine, "root"];
        if (delay == TimeSpan.Zero)
        {
            await CommandRunner.TryRun("nsenter", [NetworkOf(Pid), .. root]); // fails if there was no delay
            return;
        }
        try { await Inside(Pid, [.. root, "netem", "delay", FormattableString.Invariant($"{delay.TotalMilliseconds}ms")]); }
        catch (CommandException error) when (error.Result.Error.Contains("qdisc kind is unknown", StringComparison.Ordinal))
        {
            throw new LabException("this kernel has no netem (CONFIG_NET_SCH_NETEM, module sch_netem), so it cannot delay packets; --loss alone works");
        }
    }

    /// <summary>A chain per machine in the switch's own table; nft numbers are integers, so a loss is counted in parts of 100000.</summary>
    internal static string LossRules(string machine, double loss)
    {
        const int whole = 100_000;
        var chain = $"bridge loss {machine}";
        var prepare = $"add table bridge loss\nadd chain {chain} {{ type filter hook forward priority 0; }}\nflush chain {chain}\n";
        var parts = (int)Math.Round(loss * whole);
        var some = parts < whole ? $" numgen random mod {whole} < {parts}" : "";
        return parts == 0 ? prepare : prepare + string.Concat(new[] { "iifname", "oifname" }.Select(direction => $"add rule {chain} {direction} {machine}{some} counter drop\n"));
    }

    /// <summary>Whether the machine's port is up; null if it has none.</summary>
    public async Task<bool?> Port(string machine)
    {
        var result = await CommandRunner.TryRun("nsenter", [NetworkOf(Pid), "ip", "-o", "link", "show", "dev", machine]);
        return result.ExitCode != 0 ? null : result.Output.Contains(",UP", StringComparison.Ordinal);
    }

    private static Task Batch(int pid, params string[] lines) => Inside(pid, ["ip", "-batch", "-"], string.Join('\n', lines) + "\n");

    private static Task<string> Inside(int pid, string[] command, string? input = null) => CommandRunner.Run("nsenter", [NetworkOf(pid), .. command], input);

    private static string NetworkOf(int pid) => $"--net=/proc/{pid}/ns/net";
}
