namespace EndToEndTests.Fixture;

/// <summary>What crosses the node network while something happens.</summary>
internal static class PacketCapture
{
    private const string File = "/run/capture.pcap";

    /// <summary>Captures all IPv4 on the node network's link of these machines during the act; one line per packet, addresses as numbers.</summary>
    public static async Task<string> Of(TestCluster cluster, IReadOnlyList<string> machines, Func<Task> act)
    {
        var packets = "";
        var running = new List<(string Machine, string Pid)>();
        try
        {
            foreach (var machine in machines) running.Add((machine, await Start(cluster, machine)));
            await act();
        }
        finally
        {
            foreach (var (machine, pid) in running) packets += await Stop(cluster, machine, pid);
        }
        return packets;
    }

    /// <summary>Ready as soon as the capture file has its header. A bound of five minutes ends it if nobody else does.</summary>
    private static async Task<string> Start(TestCluster cluster, string machine)
    {
        var pid = await cluster.Ssh(machine, "sh", "-c",
            $"rm -f {File}; timeout -s INT 300 tcpdump -Z root -U --immediate-mode -s 128 -i {cluster.NodeInterface} -w {File} ip >/dev/null 2>&1 & echo $!");
        await Eventually.Get($"tcpdump runs on {machine}", () => cluster.Ssh(machine, "sh", "-c", $"stat -c %s {File} 2>/dev/null || echo 0"), size => int.Parse(size) > 0);
        return pid.Trim();
    }

    private static async Task<string> Stop(TestCluster cluster, string machine, string pid)
    {
        await cluster.Ssh(machine, "kill", "-INT", pid);
        await Eventually.Get($"tcpdump on {machine} ended", () => cluster.Ssh(machine, "sh", "-c", $"kill -0 {pid} 2>/dev/null && echo runs || echo ended"), state => state.Contains("ended"));
        return await cluster.Ssh(machine, "sh", "-c", $"tcpdump -nn -r {File} 2>/dev/null; rm {File}");
    }
}
