namespace NodeAgent.KernelState;

/// <summary>What a change does to an entry.</summary>
internal enum ChangeAction
{
    Add,
    Delete,
    Change,
}

/// <summary>A difference between what the kernel has and what it shall have, told by what mends it.</summary>
internal sealed record KernelChange(ChangeAction Action, KernelEntry Entry)
{
    /// <summary>One line: <c>add route 10.244.2.0/24 via 192.168.56.12 dev eth1  ←  Node node2</c>.</summary>
    public override string ToString() => $"{Verb} {Entry}";

    public string Verb => Action switch { ChangeAction.Add => "add", ChangeAction.Delete => "delete", _ => "change" };
}
