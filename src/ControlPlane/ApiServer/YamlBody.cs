using System.Text.Json.Nodes;
using KubeApi;

namespace ControlPlane.ApiServer;

/// <summary>A request's body in YAML.</summary>
internal static class YamlBody
{
    /// <exception cref="StatusException">Not YAML, or not one document.</exception>
    public static JsonNode? Parse(string text)
    {
        try { return YamlJson.Parse(text); }
        catch (FormatException e) { throw StatusException.BadRequest(e.Message); }
    }
}
