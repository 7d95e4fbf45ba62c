namespace ControlPlane.ApiServer;

/// <summary>Who sent a request: the subject of the client certificate (CN is the name, each O is a group).</summary>
internal sealed record User(string Name, IReadOnlyList<string> Groups)
{
    public const string Masters = "system:masters", Nodes = "system:nodes", NodePrefix = "system:node:";

    public static User Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    public bool IsAnonymous => Groups.Contains("system:unauthenticated");

    /// <summary>The node whose agent this is; null for anyone else.</summary>
    public string? Node => Groups.Contains(Nodes) && Name.StartsWith(NodePrefix, StringComparison.Ordinal) ? Name[NodePrefix.Length..] : null;
}
