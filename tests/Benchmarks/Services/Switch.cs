using System.Net;
using Linux;

namespace Benchmarks.Services;

/// <summary>A bridge in a namespace of its own, as a switch: it has no rules, and none are asked.</summary>
internal sealed class Switch(string directory) : IDisposable
{
    private readonly Space space = new(directory, "switch");
    private int ports;

    public async Task Start()
    {
        await space.Ip("link add switch type bridge", "link set switch up");
        space.Namespace.Run(() => Sysctl.TryWrite("net/bridge/bridge-nf-call-iptables", "0")); // only there with the module br_netfilter
    }

    /// <summary>Gives a namespace a link to the switch, up and with an address of a /24.</summary>
    public async Task Plug(Space machine, string link, IPAddress address)
    {
        var port = $"port{ports++}";
        await space.Ip($"link add {port} type veth peer name {link} netns {machine.File}", $"link set {port} master switch up");
        await machine.Ip("link set lo up", $"link set {link} up", $"address add {address}/24 dev {link}");
    }

    public void Dispose() => space.Dispose();
}
