namespace NodeAgent.KernelState;

/// <summary>
/// One thing of ours on this machine, and the API object that it came from: what <c>nodeagent state</c> prints, what <c>nodeagent plan</c>
/// would change, and what a repair puts back.
/// </summary>
/// <param name="Kind">rule, chain, element, route, link, address, neighbour, forwarding entry, sysctl, …</param>
/// <param name="Text">As its own tool prints it, e.g. "10.244.2.0/24 via 192.168.56.12 dev eth1".</param>
/// <param name="Origin">E.g. "Pod default/my-nginx-abc" or "Service default/my-nginx (generation 3)"; "no object" for what nothing explains.</param>
internal sealed record KernelEntry(string Kind, string Text, string Origin)
{
    /// <summary>One line: <c>route 10.244.2.0/24 via 192.168.56.12 dev eth1  ←  Node node2</c>.</summary>
    public override string ToString() => $"{Thing}  ←  {Origin}";

    /// <summary>Kind and text; a rule's text says by itself that it is one.</summary>
    public string Thing => Text.StartsWith('-') ? Text : $"{Kind} {Text}";
}
