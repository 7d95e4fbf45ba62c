using System.Text;

namespace KubeApi;

/// <summary>A query over fields: <c>spec.nodeName=node1,status.phase!=Failed</c> (k8s.io/apimachinery fields.ParseSelector).</summary>
public sealed class FieldSelector
{
    /// <summary>One clause. <paramref name="Negated"/>: the field must differ from the value.</summary>
    public sealed record Clause(string Path, string Value, bool Negated);

    private static readonly string[] Operators = ["!=", "==", "="];

    public static FieldSelector Everything { get; } = new([]);

    private FieldSelector(IReadOnlyList<Clause> clauses) => Clauses = clauses;

    public IReadOnlyList<Clause> Clauses { get; }

    /// <summary>The value that the selector demands of a field, or null where it leaves it open.</summary>
    public string? Required(string path) => Clauses.FirstOrDefault(clause => clause.Path == path && !clause.Negated)?.Value;

    /// <summary>The same clauses over other names of the fields.</summary>
    public FieldSelector WithPaths(Func<string, string> path) => Clauses.Count == 0 ? this : new FieldSelector(Clauses.Select(clause => clause with { Path = path(clause.Path) }).ToList());

    /// <param name="field">The value of a field by its path; an absent field counts as empty.</param>
    public bool Matches(Func<string, string?> field) => Clauses.All(clause => (field(clause.Path) ?? "") == clause.Value != clause.Negated);

    /// <summary>A backslash before a comma, an equals sign or another backslash makes it part of the value.</summary>
    /// <exception cref="FormatException">A clause without a field or an operator, or a value with a bare one of those characters.</exception>
    public static FieldSelector Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return Everything;
        return new FieldSelector(Split(text).Where(part => part.Length > 0).Select(part => ParseClause(part, text)).ToList());
    }

    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }
        yield return text[start..];
    }

    private static Clause ParseClause(string part, string text)
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (Array.Find(Operators, candidate => part.AsSpan(i).StartsWith(candidate)) is not { } found) continue;
            if (i == 0) break;
            return new Clause(part[..i], Unescape(part[(i + found.Length)..]), found == "!=");
        }
        throw new FormatException($"invalid selector: '{text}'; can't understand '{part}'");
    }

    private static string Unescape(string value)
    {
        if (value.AsSpan().IndexOfAny("\\,=") < 0) return value;
        var plain = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is ',' or '=') throw new FormatException($"invalid field selector: unescaped character in value: {value[i]}");
            if (value[i] == '\\' && (++i == value.Length || value[i] is not (',' or '=' or '\\')))
                throw new FormatException($"invalid field selector: invalid escape sequence: \\{(i < value.Length ? value[i] : "")}");
            plain.Append(value[i]);
        }
        return plain.ToString();
    }

    private static string Escape(string value) => value.Replace("\\", "\\\\").Replace(",", "\\,").Replace("=", "\\=");

    public override string ToString() => string.Join(',', Clauses.Select(c => $"{c.Path}{(c.Negated ? "!=" : "=")}{Escape(c.Value)}"));
}
