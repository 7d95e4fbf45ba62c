using System.Net;
using System.Net.NetworkInformation;
using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>One step from what the kernel has to what it shall have.</summary>
/// <param name="Source">The API object for whose sake.</param>
internal abstract record NetworkChange(string Source);

internal sealed record AddBridge(BridgeSpec Bridge) : NetworkChange(Bridge.Source);
internal sealed record SetBridge(int Index, BridgeSpec Bridge) : NetworkChange(Bridge.Source);

/// <summary>The pair that gives the bridge its carrier; see <see cref="Marks.CarrierPort"/>.</summary>
internal sealed record AddCarrier(int Bridge, int Mtu, string Source) : NetworkChange(Source);
internal sealed record SetCarrier(int Index, int EndIndex, int Bridge, int Mtu, string Source) : NetworkChange(Source);
internal sealed record AddBridgeAddress(int Index, BridgeSpec Bridge) : NetworkChange(Bridge.Source);
internal sealed record DeleteBridgeAddress(LinkAddress Address, string Source) : NetworkChange(Source);

/// <summary>The link is there, but not as it shall be; a null is right already.</summary>
internal sealed record SetPort(int Index, string Link, int? Master, bool? Up, int? Mtu, uint? Group, string? Alias, bool? Hairpin, string Source)
    : NetworkChange(Source);

/// <summary>The pod's link is gone: connect the pod anew, with the same address.</summary>
internal sealed record ReconnectPod(PodPort Port) : NetworkChange(Port.Source);
internal sealed record SetForwarding(int Port, PhysicalAddress Mac, string Source) : NetworkChange(Source);
internal sealed record DeleteForwarding(int Port, PhysicalAddress Mac, string Source) : NetworkChange(Source);
internal sealed record SetNeighbor(int Bridge, IPAddress Address, PhysicalAddress Mac, string Source) : NetworkChange(Source);
internal sealed record DeleteNeighbor(int Bridge, IPAddress Address, string Source) : NetworkChange(Source);

/// <summary>Refused where somebody else has a route to the same destination: foreign routes are never touched.</summary>
internal sealed record AddRoute(NodeRoute Route) : NetworkChange(Route.Source);
internal sealed record ReplaceRoute(NodeRoute Route) : NetworkChange(Route.Source);
internal sealed record DeleteRoute(Route Route, string Source) : NetworkChange(Source);
internal sealed record SetSysctl(SysctlSetting Setting) : NetworkChange(Setting.Source);

/// <summary>A link of ours that belongs to no known pod.</summary>
internal sealed record DeleteOrphan(int Index, string Link, string Source) : NetworkChange(Source);
