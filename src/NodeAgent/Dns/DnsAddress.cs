using System.Net;
using Linux;
using NodeAgent.KernelState;

namespace NodeAgent.Dns;

/// <summary>
/// The DNS Service's address on the loopback link: while it is there, queries end on this machine; without it they go where the Service's
/// rules lead. It carries a label, by which it is known to be ours.
/// </summary>
internal sealed class DnsAddress(IPAddress address, NetworkNamespace node)
{
    public const string Label = "lo:na-dns";
    private const int Loopback = 1;

    private readonly LinkAddress own = new(Loopback, address, 32, Label);

    public static IReadOnlyList<LinkAddress> Find(NetworkNamespace node)
    {
        using var socket = NetlinkSocket.OpenIn(node);
        return [.. Addresses.List(socket, Loopback).Where(found => found.Label == Label)];
    }

    public static KernelEntry State(LinkAddress found) => new("address", $"{found.Address}/{found.PrefixLength} dev lo label {found.Label}", DnsServer.ApiObject);

    /// <summary>As it shall be while an agent answers there.</summary>
    public KernelEntry Entry => State(own);

    public bool IsThere => Find(node).Contains(own);

    /// <returns>True if it was missing. Another one of ours, of an agent with other settings, goes.</returns>
    public bool Ensure()
    {
        var present = Find(node);
        var change = new NetlinkRequest();
        foreach (var other in present.Where(other => other != own)) change.DeleteAddress(other);
        if (!present.Contains(own)) change.AddAddress(own);
        Execute(change);
        return !present.Contains(own);
    }

    public void Remove() => Remove(node);

    /// <summary>None is fine.</summary>
    public static void Remove(NetworkNamespace node)
    {
        var change = new NetlinkRequest();
        foreach (var found in Find(node)) change.DeleteAddress(found);
        using var socket = NetlinkSocket.OpenIn(node);
        if (change.Count > 0) socket.TryExecute(change);
    }

    private void Execute(NetlinkRequest change)
    {
        if (change.Count == 0) return;
        using var socket = NetlinkSocket.OpenIn(node);
        socket.Execute(change);
    }
}
