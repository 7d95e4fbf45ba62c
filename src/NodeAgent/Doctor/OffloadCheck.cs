using Linux;

namespace NodeAgent.Doctor;

/// <summary>What the network card does with packets on its own.</summary>
/// <param name="Link">The one towards the other nodes.</param>
/// <param name="Features">Null: the driver does not tell.</param>
/// <param name="Tunnel">The features of the VXLAN device, if there is one.</param>
/// <param name="BadUdp">UDP packets that came in with a wrong checksum since the machine started.</param>
internal sealed record OffloadFacts(string Link, LinkFeatures? Features, LinkFeatures? Tunnel, Version Kernel, long BadUdp);

/// <summary>
/// Whether checksums and segmentation that a card or a kernel computes break packets of the overlay: they look sent here and are
/// dropped there, while ping works. Sources: Linux ea64d8d6c675 (NAT wrote a checksum into VXLAN packets that have none, before 5.7;
/// Calico switches the offload off there as well), and the many reports of vmxnet3.
/// </summary>
internal static class OffloadCheck
{
    private const string Device = "na-vxlan", Off = "tx-checksum-ip-generic off",
        Tunnel = "tx-udp_tnl-segmentation", TunnelChecksum = "tx-udp_tnl-csum-segmentation", LargeReceive = "rx-lro";

    private static readonly Version Mended = new(5, 7);

    public static IEnumerable<Finding> Judge(OffloadFacts facts)
    {
        var (link, features) = (facts.Link, facts.Features);
        if (features is null) yield return Finding.Note($"the driver of {link} does not tell its offloads", $"ethtool -k {link}");
        var offloaded = facts.Tunnel?.Active.Contains("tx-checksum-ip-generic") ?? true; // as the kernel makes the device
        var broken = false;
        if (offloaded && facts.Kernel < Mended && (broken = true))
            yield return Finding.Fault($"kernel {facts.Kernel} writes wrong checksums into VXLAN packets that are translated (Linux before {Mended}): Services lead nowhere on other networks' nodes", Lasting($"ethtool -K {Device} {Off}"));
        if (offloaded && features?.Driver == "vmxnet3" && (broken = true))
            yield return Finding.Note($"{link} is a vmxnet3, which on many versions of ESXi breaks VXLAN packets whose checksums it is to compute", Lasting($"ethtool -K {Device} {Off} && ethtool -K {link} {Tunnel} off {TunnelChecksum} off"));
        if (features?.Active.Contains(LargeReceive) == true && (broken = true))
            yield return Finding.Fault($"{link} joins received packets to large ones (LRO), which cannot be forwarded to pods", $"ethtool -K {link} lro off");
        if (facts.BadUdp > 0 && (broken = true))
            yield return Finding.Note($"{facts.BadUdp} UDP packets came with a wrong checksum since this machine started; if the number grows, the nodes that send them compute it wrongly", $"nstat -az UdpInCsumErrors; on those nodes: ethtool -K {Device} {Off}");
        if (features is not null && !broken)
            yield return Finding.Ok($"offloads of {link} ({features.Driver}): none known to break VXLAN; checksums {Word(features.Active.Any(name => name.StartsWith("tx-checksum-i", StringComparison.Ordinal)))}, segmentation in tunnels {Word(features.Active.Contains(Tunnel))}");
    }

    /// <summary>In this process' network namespace.</summary>
    public static IEnumerable<Finding> Examine(string link) => Judge(new(link, TryRead(link), TryRead(Device), Environment.OSVersion.Version, BadUdp(File.ReadLines("/proc/self/net/snmp"))));

    /// <summary>Of the lines of <c>/proc/net/snmp</c>, of which two belong together: names and figures.</summary>
    public static long BadUdp(IEnumerable<string> snmp)
    {
        var lines = snmp.Where(line => line.StartsWith("Udp:", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        return lines is [var names, var figures] && Array.IndexOf(names, "InCsumErrors") is var at && at > 0 && at < figures.Length && long.TryParse(figures[at], out var count) ? count : 0;
    }

    private static string Lasting(string command) => $"{command}   (and after each start of the machine: in a udev rule, or where {Device}'s features are set)";

    private static string Word(bool on) => on ? "on" : "off";

    private static LinkFeatures? TryRead(string link)
    {
        try { return Ethtool.Read(link); }
        catch (SystemCallException) { return null; }
    }
}
