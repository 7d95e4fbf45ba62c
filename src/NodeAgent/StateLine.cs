namespace NodeAgent;

/// <summary>One line of `nodeagent state`: something in the kernel, and the API object that it came from.</summary>
/// <param name="KernelObject">E.g. "route 10.244.2.0/24 via 192.168.56.12 dev eth1".</param>
/// <param name="ApiObject">E.g. "Pod default/my-nginx-abc" or "Node node2".</param>
internal sealed record StateLine(string KernelObject, string ApiObject)
{
    public override string ToString() => $"{KernelObject}  ←  {ApiObject}";
}
