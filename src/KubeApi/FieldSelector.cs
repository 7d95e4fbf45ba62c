namespace KubeApi;

/// <summary>A query over fields: <c>spec.nodeName=node1,status.phase!=Failed</c> (k8s.io/apimachinery fields.ParseSelector).</summary>
public sealed class FieldSelector
{
    /// <summary>One clause. <paramref name="Negated"/>: the field must differ from the value.</summary>
    public sealed record Clause(string Path, string Value, bool Negated);

    public static FieldSelector Everything { get; } = new([]);

    private FieldSelector(IReadOnlyList<Clause> clauses) => Clauses = clauses;

    public IReadOnlyList<Clause> Clauses { get; }

    /// <summary>The value that the selector demands of a field, or null where it leaves it open.</summary>
    public string? Required(string path) => Clauses.FirstOrDefault(clause => clause.Path == path && !clause.Negated)?.Value;

    /// <param name="field">The value of a field by its path; an absent field counts as empty.</param>
    public bool Matches(Func<string, string?> field) => Clauses.All(clause => (field(clause.Path) ?? "") == clause.Value != clause.Negated);

    /// <exception cref="FormatException">A clause without an operator.</exception>
    public static FieldSelector Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return Everything;
        return new FieldSelector(text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ParseClause).ToList());
    }

    private static Clause ParseClause(string part)
    {
        var equals = part.IndexOf('=');
        var negated = equals > 0 && part[equals - 1] == '!';
        var path = part[..Math.Max(0, negated ? equals - 1 : equals)];
        if (path.Length == 0) throw new FormatException($"invalid selector: '{part}'; can't understand '{part}'");
        return new Clause(path, part[(equals + 1)..].TrimStart('='), negated);
    }

    public override string ToString() => string.Join(',', Clauses.Select(c => $"{c.Path}{(c.Negated ? "!=" : "=")}{c.Value}"));
}
