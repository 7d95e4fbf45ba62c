using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Authentication;
using ControlPlane.Controllers.Certificates;
using KubeApi.Objects;

namespace ControlPlane.Joining;

/// <summary>A new join token and the Secret in which it is kept (cluster-bootstrap token API).</summary>
internal sealed record JoinToken(string Id, string Secret)
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

    public static JoinToken New() => new(RandomNumberGenerator.GetString(Alphabet, 6), RandomNumberGenerator.GetString(Alphabet, 16));

    public override string ToString() => $"{Id}.{Secret}";

    /// <param name="expires">Null: never.</param>
    /// <param name="once">One machine can join by it, and no other (<see cref="Controllers.Certificates.SingleUseToken"/>).</param>
    public Secret ToObject(DateTime? expires, string description, bool once = false)
    {
        var data = new Dictionary<string, string>
        {
            ["token-id"] = Id, ["token-secret"] = Secret, ["usage-bootstrap-authentication"] = "true", ["auth-extra-groups"] = BootstrapTokens.NodeGroup,
        };
        if (expires is { } end) data["expiration"] = end.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (description.Length > 0) data["description"] = description;
        return new Secret
        {
            Metadata = new ObjectMeta { Name = BootstrapTokens.NamePrefix + Id, Namespace = BootstrapTokens.Namespace, Annotations = once ? new Dictionary<string, string> { [SingleUseToken.Annotation] = "true" } : null }, Type = BootstrapTokens.SecretType,
            Data = data.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value)),
        };
    }
}
