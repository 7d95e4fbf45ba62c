using System.Text.RegularExpressions;

namespace NodeAgent.Joining;

/// <summary>What <c>nodeagent join</c> was told, checked as far as it can be without asking anybody.</summary>
/// <param name="Pins">Lower-case hex SHA-256 of the CA's public key; one of them must hold.</param>
internal sealed partial record JoinOptions(Uri Server, string Token, IReadOnlyList<string> Pins, string NodeName, string Kubeconfig)
{
    /// <exception cref="JoinException">One of them is not what it should be.</exception>
    public static JoinOptions Parse(string server, string token, IReadOnlyList<string> pins, string nodeName, string kubeconfig)
    {
        if (!server.Contains("://", StringComparison.Ordinal)) server = "https://" + server;
        if (!Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme != "https" || url.PathAndQuery != "/") throw new JoinException($"{server} is no address of a control plane such as https://192.168.56.10:6443");
        if (!TokenSyntax().IsMatch(token)) throw new JoinException("the token is not of the form ID.SECRET (six and sixteen lower-case letters and digits, a dot between): copy it whole");
        if (pins.Count == 0) throw new JoinException("--discovery-token-ca-cert-hash is needed: without it nobody knows whether the control plane is the right one");
        if (pins.FirstOrDefault(pin => !PinSyntax().IsMatch(pin)) is { } wrong) throw new JoinException($"'{wrong}' is no hash of a CA: sha256: and 64 hexadecimal digits");
        if (nodeName.Length > 253 || !NameSyntax().IsMatch(nodeName)) throw new JoinException($"'{nodeName}' cannot be the name of a node: lower-case letters, digits, '-' and '.', a letter or digit first and last (--node-name)");
        return new JoinOptions(url, token, [.. pins.Select(pin => pin["sha256:".Length..].ToLowerInvariant())], nodeName, Path.GetFullPath(kubeconfig));
    }

    [GeneratedRegex(@"\A[a-z0-9]{6}\.[a-z0-9]{16}\z")] private static partial Regex TokenSyntax();
    [GeneratedRegex(@"\Asha256:[0-9a-fA-F]{64}\z")] private static partial Regex PinSyntax();
    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")] private static partial Regex NameSyntax();
}
