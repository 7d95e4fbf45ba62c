namespace ControlPlane.Authentication;

/// <summary>
/// Who sent a request: from a client certificate (CN is the name, each O is a group), a service account's token, a
/// bootstrap token, or nobody in particular.
/// </summary>
internal sealed record User(string Name, IReadOnlyList<string> Groups)
{
    public const string Masters = "system:masters", Nodes = "system:nodes", NodePrefix = "system:node:", Authenticated = "system:authenticated",
        Unauthenticated = "system:unauthenticated", ServiceAccounts = "system:serviceaccounts", ServiceAccountPrefix = "system:serviceaccount:";

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoExtra = new Dictionary<string, IReadOnlyList<string>>(); // before the first user is made

    public static User Anonymous { get; } = new("system:anonymous", [Unauthenticated]);

    /// <summary>Empty where none is known.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Further facts, e.g. the pod whose token was shown.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = NoExtra;

    public bool IsAnonymous => Groups.Contains(Unauthenticated);

    /// <summary>The node whose agent this is; null for anyone else. Empty for a member of the group without a node's name.</summary>
    public string? Node => !Groups.Contains(Nodes) ? null : Name.StartsWith(NodePrefix, StringComparison.Ordinal) ? Name[NodePrefix.Length..] : "";

    /// <summary>The name of a service account as a user.</summary>
    public static string ServiceAccountName(string ns, string name) => $"{ServiceAccountPrefix}{ns}:{name}";

    /// <summary>A service account as a user, with the groups that every one has.</summary>
    public static User ServiceAccount(string ns, string name, string uid) =>
        new(ServiceAccountName(ns, name), [ServiceAccounts, $"{ServiceAccounts}:{ns}", Authenticated]) { Uid = uid };
}
