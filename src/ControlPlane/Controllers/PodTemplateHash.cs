using System.Globalization;
using System.Text;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Tells pod templates apart by a short text, the suffix of a Deployment's ReplicaSets.</summary>
internal static class PodTemplateHash
{
    public const string Label = "pod-template-hash";

    /// <summary>No vowels and no digits that look like letters: no bad words, no misreading (apimachinery rand.SafeEncodeString).</summary>
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <param name="collisionCount">Raised when another ReplicaSet has the name already.</param>
    public static string Of(PodTemplateSpec template, int? collisionCount)
    {
        var hash = 2166136261u; // FNV-1a, 32 bits
        foreach (var octet in Encoding.UTF8.GetBytes(Text(template) + collisionCount?.ToString(CultureInfo.InvariantCulture))) hash = (hash ^ octet) * 16777619;
        return string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(digit => Alphabet[digit % Alphabet.Length]));
    }

    /// <summary>The templates make the same pods: only the label that this class adds may differ.</summary>
    public static bool SameTemplate(PodTemplateSpec? left, PodTemplateSpec? right) => left is not null && right is not null && Text(left) == Text(right);

    private static string Text(PodTemplateSpec template)
    {
        var labels = (template.Metadata?.Labels ?? new Dictionary<string, string>()).Where(label => label.Key != Label).ToDictionary();
        return CanonicalJson.Of(template with { Metadata = (template.Metadata ?? new ObjectMeta()) with { Labels = labels } });
    }
}
