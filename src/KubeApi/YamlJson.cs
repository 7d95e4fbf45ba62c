using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace KubeApi;

/// <summary>Turns a YAML document into the JSON tree that it means (plain scalars by the YAML 1.2 core schema, as sigs.k8s.io/yaml).</summary>
public static partial class YamlJson
{
    private static readonly int DeepestNesting = KubeJson.Options.MaxDepth;

    /// <exception cref="FormatException">Not YAML, or not one document.</exception>
    public static JsonNode? Parse(string text)
    {
        try
        {
            CheckShape(text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            // Without aliases a document has at most as many nodes, and as many characters in them, as its text has characters.
            var budget = 2 * text.Length + 100_000;
            return stream.Documents.Count switch
            {
                0 => null,
                1 => Convert(stream.Documents[0].RootNode, 0, ref budget),
                _ => throw new FormatException("it holds more than one YAML document"),
            };
        }
        catch (YamlException e)
        {
            throw Wrong($"yaml: line {e.Start.Line}: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException) // the scanner, of a text that ends within [ or {, or of half a character
        {
            throw Wrong($"yaml: {(e is ArgumentException ? "invalid Unicode character" : e.Message)}");
        }
    }

    /// <summary>
    /// The reader recurses, and no program survives the end of its stack: look at the depth before. And at the keys: the reader hashes
    /// each with all that is in it, which with aliases is without end for a node that is in itself, and doubles with every alias for others.
    /// </summary>
    private static void CheckShape(string text)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        var keysNext = new Stack<bool?>(); // for each open node: is its next child a key; null where it is no mapping
        while (parser.MoveNext())
        {
            var current = parser.Current!;
            if ((depth += current.NestingIncrease) > DeepestNesting + 2) throw TooDeep(); // stream and document are levels too
            if (current is NodeEvent or AnchorAlias && keysNext.TryPeek(out var isKey) && isKey is { } key)
            {
                if (key && current is not Scalar) throw Wrong("yaml: a key is not a scalar");
                keysNext.Pop();
                keysNext.Push(!key);
            }
            if (current.NestingIncrease > 0) keysNext.Push(current is MappingStart ? true : null);
            else if (current.NestingIncrease < 0) keysNext.Pop();
        }
    }

    /// <param name="budget">What aliases may still add: a few of them, nested, stand for more than any memory holds.</param>
    private static JsonNode? Convert(YamlNode node, int depth, ref int budget)
    {
        if (depth > DeepestNesting) throw TooDeep();
        if ((budget -= 1 + ((node as YamlScalarNode)?.Value?.Length ?? 0)) < 0) throw Wrong("yaml: document contains excessive aliasing");
        switch (node)
        {
            case YamlMappingNode map:
                var obj = new JsonObject();
                foreach (var (key, value) in map.Children) obj[Key(key, ref budget)] = Convert(value, depth + 1, ref budget);
                return obj;
            case YamlSequenceNode list:
                var array = new JsonArray();
                foreach (var child in list.Children) array.Add(Convert(child, depth + 1, ref budget));
                return array;
            case YamlScalarNode scalar:
                return scalar.Style == ScalarStyle.Plain ? Plain(scalar.Value ?? "") : JsonValue.Create(scalar.Value);
            default:
                throw Wrong("unsupported node");
        }
    }

    private static string Key(YamlNode key, ref int budget)
    {
        if (key is not YamlScalarNode scalar) throw Wrong("yaml: a key is not a scalar");
        budget -= scalar.Value?.Length ?? 0;
        return scalar.Value ?? "";
    }

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ when Float().IsMatch(text) => double.Parse(text, CultureInfo.InvariantCulture) is var number && double.IsFinite(number)
            ? JsonValue.Create(number) : throw Wrong($"json: unsupported value: {text}"),
        _ => JsonValue.Create(text),
    };

    private static FormatException TooDeep() => Wrong("nested too deeply");

    private static FormatException Wrong(string how) => new FormatException($"error converting YAML to JSON: {how}");

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();
}
