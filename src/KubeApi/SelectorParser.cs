namespace KubeApi;

/// <summary>
/// Reads the text form of a label selector, with the grammar and the error messages of k8s.io/apimachinery labels.Parse.
/// What keys and values may look like is not checked here.
/// </summary>
internal sealed class SelectorParser
{
    private const string Special = "=!(),><";

    private static readonly string[] Symbols = [")", ",", "!", "==", "=", ">", "<", "!=", "("];

    private readonly List<string> tokens;
    private int position;

    private SelectorParser(string text) => tokens = Tokens(text).ToList();

    /// <exception cref="FormatException">The text is no selector.</exception>
    public static IReadOnlyList<LabelRequirement> Parse(string text) => new SelectorParser(text).All();

    /// <summary>The next token; empty at the end.</summary>
    private string Next => position < tokens.Count ? tokens[position] : "";

    private string Take() => position < tokens.Count ? tokens[position++] : "";

    private List<LabelRequirement> All()
    {
        var requirements = new List<LabelRequirement>();
        while (Next.Length > 0)
        {
            if (!IsIdentifier(Next) && Next != "!") throw new FormatException($"found '{Next}', expected: !, identifier, or 'end of string'");
            try { requirements.Add(Requirement()); }
            catch (FormatException e) { throw new FormatException($"unable to parse requirement: {e.Message}"); }
            var after = Take();
            if (after.Length == 0) break;
            if (after != ",") throw new FormatException($"found '{after}', expected: ',' or 'end of string'");
            if (!IsIdentifier(Next) && Next != "!") throw new FormatException($"found '{Next}', expected: identifier after ','");
        }
        return requirements;
    }

    private LabelRequirement Requirement()
    {
        var negated = Next == "!";
        if (negated) Take();
        var key = Take();
        if (!IsIdentifier(key)) throw new FormatException($"found '{key}', expected: identifier");
        if (negated) return new LabelRequirement(key, LabelOperator.DoesNotExist, []);
        if (Next is "" or ",") return new LabelRequirement(key, LabelOperator.Exists, []);
        return Take() switch
        {
            "in" => new LabelRequirement(key, LabelOperator.In, Values()),
            "notin" => new LabelRequirement(key, LabelOperator.NotIn, Values()),
            "=" or "==" => new LabelRequirement(key, LabelOperator.In, [Value()]),
            "!=" => new LabelRequirement(key, LabelOperator.NotIn, [Value()]),
            ">" => new LabelRequirement(key, LabelOperator.GreaterThan, [Number()]),
            "<" => new LabelRequirement(key, LabelOperator.LessThan, [Number()]),
            var other => throw new FormatException($"found '{other}', expected: in, notin, =, ==, !=, gt, lt"),
        };
    }

    /// <summary>One value; none is the empty one.</summary>
    private string Value()
    {
        if (Next is "" or ",") return "";
        var value = Take();
        return IsIdentifier(value) ? value : throw new FormatException($"found '{value}', expected: identifier");
    }

    private string Number() => Value() is var value && long.TryParse(value, out _) ? value
        : throw new FormatException("values[0]: Invalid value: \"" + value + "\": for 'Gt', 'Lt' operators, the value must be an integer");

    /// <summary><c>(a,b)</c>; an empty place is the empty value.</summary>
    private List<string> Values()
    {
        if (Take() is var open and not "(") throw new FormatException($"found '{open}' expected: '('");
        var values = new List<string>();
        while (true)
        {
            values.Add(Next is "," or ")" ? "" : Take() is var value && IsIdentifier(value) ? value : throw new FormatException($"found '{value}', expected: ',', ')' or identifier"));
            switch (Take())
            {
                case ")": return values.Distinct().ToList();
                case ",": continue;
                case var other: throw new FormatException($"found '{other}', expected: ',' or ')'");
            }
        }
    }

    private static bool IsIdentifier(string token) => token.Length > 0 && !Special.Contains(token[0]);

    private static IEnumerable<string> Tokens(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (IsSpace(text[i]))
            {
                i++;
                continue;
            }
            var length = Special.Contains(text[i]) ? SymbolLength(text, i)
                : text.AsSpan(i).IndexOfAny(Special + " \t\r\n") is >= 0 and var end ? end : text.Length - i;
            yield return text.Substring(i, length);
            i += length;
        }
    }

    private static int SymbolLength(string text, int start) =>
        start + 2 <= text.Length && Symbols.Contains(text.Substring(start, 2)) ? 2 : 1;

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}
