using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeApi;

/// <summary>Turns a YAML document into the JSON tree that it means (plain scalars by the YAML 1.2 core schema, as sigs.k8s.io/yaml).</summary>
public static partial class YamlJson
{
    private static readonly int DeepestNesting = KubeJson.Options.MaxDepth;

    /// <summary>An answer is not to be many times as long as what was sent: the repeated keys after these are not told.</summary>
    private const int MostRepeated = 100;

    /// <summary>A document in which a key is given twice is refused.</summary>
    /// <exception cref="FormatException">Not YAML, or not one document.</exception>
    public static JsonNode? Parse(string text)
    {
        var root = Parse(text, out var repeated);
        return repeated.Count == 0 ? root : throw Wrong($"yaml: {repeated[0]}");
    }

    /// <summary>Of a key given twice the last value counts.</summary>
    /// <param name="repeated"><c>line 3: key "a" already set in map</c> for each (the line of the value, counted from 1).</param>
    /// <exception cref="FormatException">Not YAML, or not one document.</exception>
    public static JsonNode? Parse(string text, out IReadOnlyList<string> repeated)
    {
        try
        {
            var reader = new Reader(text);
            repeated = reader.Repeated;
            return reader.Document();
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

    /// <summary>What an anchor stands for, and what it takes to repeat it: nodes and characters, levels.</summary>
    private sealed record Anchored(JsonNode? Node, long Cost, int Levels);

    /// <summary>Makes nodes of the parser's events. It recurses, and no program survives the end of its stack: it looks at the depth.</summary>
    private sealed class Reader(string text)
    {
        private readonly Parser parser = new(new StringReader(text));
        private readonly Dictionary<string, Anchored?> anchors = []; // null: the node is not complete
        private readonly List<string> repeated = [];

        /// <summary>Without aliases a document has at most as many nodes, and as many characters in them, as its text has characters.</summary>
        private long budget = 2L * text.Length + 100_000;

        /// <summary>The deepest level that the node read last reached.</summary>
        private int deepest;

        public IReadOnlyList<string> Repeated => repeated;

        public JsonNode? Document()
        {
            Next<StreamStart>();
            if (Next<ParsingEvent>() is StreamEnd) return null;
            var root = Node(Next<ParsingEvent>(), 0);
            Next<DocumentEnd>();
            return Next<ParsingEvent>() is StreamEnd ? root : throw new FormatException("it holds more than one YAML document");
        }

        private T Next<T>() where T : ParsingEvent
        {
            if (!parser.MoveNext()) throw Wrong("yaml: unexpected end");
            return parser.Current as T ?? throw Unexpected(parser.Current!);
        }

        private JsonNode? Node(ParsingEvent start, int depth)
        {
            if (depth > DeepestNesting) throw TooDeep();
            if (start is AnchorAlias alias) return Repeat(alias, depth);
            var (budgetBefore, deepestBefore) = (budget, deepest);
            deepest = depth;
            Spend(1 + ((start as Scalar)?.Value.Length ?? 0));
            var anchor = start is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor.Value : null;
            if (anchor is not null) anchors[anchor] = null;
            var node = Content(start, depth);
            if (anchor is not null) anchors[anchor] = new Anchored(node, budgetBefore - budget, deepest - depth);
            deepest = Math.Max(deepestBefore, deepest);
            return node;
        }

        private JsonNode? Content(ParsingEvent start, int depth) => start switch
        {
            MappingStart => Map(depth),
            SequenceStart => List(depth),
            Scalar scalar => scalar.Style == ScalarStyle.Plain ? Plain(scalar.Value) : JsonValue.Create(scalar.Value),
            _ => throw Unexpected(start),
        };

        private JsonObject Map(int depth)
        {
            var map = new JsonObject();
            while (Next<ParsingEvent>() is var first and not MappingEnd)
            {
                var key = Key(first);
                var start = Next<ParsingEvent>();
                if (map.ContainsKey(key) && repeated.Count < MostRepeated) repeated.Add($"line {start.Start.Line}: key {GoText.Quote(key)} already set in map");
                map[key] = Node(start, depth + 1);
            }
            return map;
        }

        private JsonArray List(int depth)
        {
            var list = new JsonArray();
            while (Next<ParsingEvent>() is var start and not SequenceEnd) list.Add(Node(start, depth + 1));
            return list;
        }

        private string Key(ParsingEvent start)
        {
            if (start is AnchorAlias alias && Known(alias)?.Node is JsonValue value)
            {
                Spend(value.ToString().Length);
                return value.ToString();
            }
            if (start is not Scalar scalar) throw Wrong("yaml: a key is not a scalar");
            Spend(scalar.Value.Length);
            if (!scalar.Anchor.IsEmpty) anchors[scalar.Anchor.Value] = new Anchored(JsonValue.Create(scalar.Value), scalar.Value.Length + 1, 0);
            return scalar.Value;
        }

        private JsonNode? Repeat(AnchorAlias alias, int depth)
        {
            var known = Known(alias) ?? throw Wrong($"yaml: anchor '{alias.Value.Value}' value contains itself");
            if (depth + known.Levels > DeepestNesting) throw TooDeep();
            deepest = Math.Max(deepest, depth + known.Levels);
            Spend(known.Cost);
            return known.Node?.DeepClone();
        }

        private Anchored? Known(AnchorAlias alias) =>
            anchors.TryGetValue(alias.Value.Value, out var known) ? known : throw Wrong($"yaml: unknown anchor '{alias.Value.Value}' referenced");

        /// <summary>What aliases may still add: a few of them, nested, stand for more than any memory holds.</summary>
        private void Spend(long cost)
        {
            if ((budget -= cost) < 0) throw Wrong("yaml: document contains excessive aliasing");
        }
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

    private static FormatException Unexpected(ParsingEvent what) => Wrong($"yaml: line {what.Start.Line}: unexpected {what.GetType().Name}");

    private static FormatException TooDeep() => Wrong("nested too deeply");

    private static FormatException Wrong(string how) => new FormatException($"error converting YAML to JSON: {how}");

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();
}
