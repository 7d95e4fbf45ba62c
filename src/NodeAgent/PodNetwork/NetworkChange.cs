using System.Net;
using System.Net.NetworkInformation;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>One step from what the kernel has to what it shall have.</summary>
/// <param name="Source">The API object for whose sake.</param>
internal abstract record NetworkChange(string Source)
{
    /// <summary>What is done, as a log line says it.</summary>
    protected abstract string Text { get; }

    public sealed override string ToString() => $"{Text}  ←  {Source}";
}

internal sealed record AddBridge(BridgeSpec Bridge) : NetworkChange(Bridge.Source)
{
    protected override string Text => $"add bridge {Bridge.Name} {Marks.Text(Bridge.Mac)} mtu {Bridge.Mtu}";
}

internal sealed record SetBridge(int Index, BridgeSpec Bridge) : NetworkChange(Bridge.Source)
{
    protected override string Text => $"set bridge {Bridge.Name} {Marks.Text(Bridge.Mac)} mtu {Bridge.Mtu} up";
}

/// <summary>The pair that gives the bridge its carrier; see <see cref="Marks.CarrierPort"/>.</summary>
internal sealed record AddCarrier(int Bridge, int Mtu, string Source) : NetworkChange(Source)
{
    protected override string Text => $"add link {Marks.CarrierPort} mtu {Mtu}";
}

internal sealed record SetCarrier(int Index, int EndIndex, int Bridge, int Mtu, string Source) : NetworkChange(Source)
{
    protected override string Text => $"set link {Marks.CarrierPort} mtu {Mtu} up";
}

internal sealed record AddBridgeAddress(int Index, BridgeSpec Bridge) : NetworkChange(Bridge.Source)
{
    protected override string Text => $"add address {Bridge.Address}/{Bridge.PrefixLength} dev {Bridge.Name}";
}

internal sealed record DeleteBridgeAddress(LinkAddress Address, string Source) : NetworkChange(Source)
{
    protected override string Text => $"delete address {Address.Address}/{Address.PrefixLength} dev {Marks.Bridge}";
}

/// <summary>The link is there, but not as it shall be; a null is right already.</summary>
internal sealed record SetPort(int Index, string Link, int? Master, bool? Up, int? Mtu, uint? Group, string? Alias, bool? Hairpin, string Source) : NetworkChange(Source)
{
    protected override string Text => $"set link {Link}{(Master is null ? "" : $" master {Marks.Bridge}")}{(Up is { } up ? up ? " up" : " down" : "")}{(Mtu is { } mtu ? $" mtu {mtu}" : "")}" +
        $"{(Group is { } group ? $" group {group}" : "")}{(Alias is { } alias ? $" alias {alias}" : "")}{(Hairpin is { } hairpin ? $" hairpin {(hairpin ? "on" : "off")}" : "")}";
}

/// <summary>The pod's link is gone: connect the pod anew, with the same address.</summary>
internal sealed record ReconnectPod(PodPort Port) : NetworkChange(Port.Source)
{
    protected override string Text => $"connect again {Port.LinkName} {Port.Address}";
}

internal sealed record SetForwarding(int Port, PhysicalAddress Mac, string Source) : NetworkChange(Source)
{
    protected override string Text => $"set forwarding entry {Marks.Text(Mac)} on link {Port}";
}

internal sealed record DeleteForwarding(int Port, PhysicalAddress Mac, string Source) : NetworkChange(Source)
{
    protected override string Text => $"delete forwarding entry {Marks.Text(Mac)} on link {Port}";
}

internal sealed record SetNeighbor(int Bridge, IPAddress Address, PhysicalAddress Mac, string Source) : NetworkChange(Source)
{
    protected override string Text => $"set neighbour {Address} at {Marks.Text(Mac)}";
}

internal sealed record DeleteNeighbor(int Bridge, IPAddress Address, string Source) : NetworkChange(Source)
{
    protected override string Text => $"delete neighbour {Address}";
}

/// <summary>Refused where somebody else has a route to the same destination: foreign routes are never touched.</summary>
internal sealed record AddRoute(NodeRoute Route) : NetworkChange(Route.Source)
{
    protected override string Text => $"add route {Route}";
}

internal sealed record ReplaceRoute(NodeRoute Route) : NetworkChange(Route.Source)
{
    protected override string Text => $"replace route {Route}";
}

internal sealed record DeleteRoute(Route Route, string Source) : NetworkChange(Source)
{
    protected override string Text => $"delete route {Route}";
}

internal sealed record SetSysctl(SysctlSetting Setting) : NetworkChange(Setting.Source)
{
    protected override string Text => $"set sysctl {Setting.Name} = {Setting.Value}";
}

/// <summary>A link of ours that belongs to no known pod.</summary>
internal sealed record DeleteOrphan(int Index, string Link, string Source) : NetworkChange(Source)
{
    protected override string Text => $"delete orphan link {Link}";
}

