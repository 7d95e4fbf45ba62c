using System.Text.Json.Nodes;
using KubeApi;

namespace ControlPlane.ApiServer;

/// <summary>A request's body in YAML.</summary>
internal static class YamlBody
{
    /// <param name="repeated"><c>line 3: key "a" already set in map</c> for each key that is given twice; the last value counts.</param>
    /// <exception cref="StatusException">Not YAML, or not one document.</exception>
    public static JsonNode? Parse(string text, out IReadOnlyList<string> repeated)
    {
        try { return YamlJson.Parse(text, out repeated); }
        catch (FormatException e) { throw StatusException.BadRequest(e.Message); }
    }

    /// <summary>The repeated keys as one error of the reader, as a client that is strict is told of them.</summary>
    public static string Refusal(IEnumerable<string> repeated) => "yaml: unmarshal errors:" + string.Concat(repeated.Select(text => $"\n  {text}"));
}
