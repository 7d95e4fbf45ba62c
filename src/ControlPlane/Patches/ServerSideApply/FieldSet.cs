namespace ControlPlane.Patches.ServerSideApply;

/// <summary>
/// A set of fields of an object, as a tree: a node may be in the set itself (<see cref="Owned"/>) and has those below it
/// by their <see cref="PathElement"/>, in ordinal order. Immutable; operations give back an operand where nothing
/// differs, so that parts are shared and "the same" is quickly seen (sigs.k8s.io/structured-merge-diff, fieldpath.Set).
/// </summary>
internal sealed class FieldSet
{
    public static readonly FieldSet Empty = new(false, [], []);

    /// <summary>A field that is in the set, with nothing below it.</summary>
    public static readonly FieldSet Leaf = new(true, [], []);

    private readonly string[] names;
    private readonly FieldSet[] children;

    private FieldSet(bool owned, string[] names, FieldSet[] children) => (Owned, this.names, this.children) = (owned, names, children);

    /// <summary>The field at which this node stands is in the set.</summary>
    public bool Owned { get; }

    public bool IsEmpty => !Owned && names.Length == 0;

    public bool HasChildren => names.Length > 0;

    public int Count => names.Length;

    public (string Name, FieldSet Set) this[int index] => (names[index], children[index]);

    /// <summary>What lies below an element; <see cref="Empty"/> if nothing does.</summary>
    public FieldSet Child(string name)
    {
        var index = Array.BinarySearch(names, name, StringComparer.Ordinal);
        return index < 0 ? Empty : children[index];
    }

    public bool Contains(IReadOnlyList<string> path) => path.Aggregate(this, static (set, name) => set.Child(name)).Owned;

    /// <param name="below">In any order, each name once; empty ones are left out.</param>
    public static FieldSet Of(bool owned, IReadOnlyCollection<KeyValuePair<string, FieldSet>> below)
    {
        var names = new string[below.Count];
        var children = new FieldSet[below.Count];
        var count = 0;
        foreach (var (name, child) in below)
        {
            if (child.IsEmpty) continue;
            (names[count], children[count]) = (name, child);
            count++;
        }
        if (count == 0) return owned ? Leaf : Empty;
        Array.Resize(ref names, count);
        Array.Resize(ref children, count);
        Array.Sort(names, children, StringComparer.Ordinal);
        return new FieldSet(owned, names, children);
    }

    public FieldSet WithOwned(bool owned) => owned == Owned ? this : names.Length == 0 ? owned ? Leaf : Empty : new FieldSet(owned, names, children);

    public FieldSet Union(FieldSet other) => other.IsEmpty || ReferenceEquals(this, other) ? this : IsEmpty ? other
        : Combine(other, Owned || other.Owned, static (mine, theirs) => mine is null ? theirs! : theirs is null ? mine : mine.Union(theirs));

    public FieldSet Intersection(FieldSet other) => ReferenceEquals(this, other) ? this : IsEmpty || other.IsEmpty ? Empty
        : Combine(other, Owned && other.Owned, static (mine, theirs) => mine is null || theirs is null ? Empty : mine.Intersection(theirs));

    /// <summary>The fields of this set that the other has not; what lies below a field of the other stays.</summary>
    public FieldSet Difference(FieldSet other) => ReferenceEquals(this, other) ? Empty : IsEmpty || other.IsEmpty ? this
        : Combine(other, Owned && !other.Owned, static (mine, theirs) => mine is null ? Empty : theirs is null ? mine : mine.Difference(theirs));

    /// <summary>The set without everything that lies below the fields of the other, and without those.</summary>
    public FieldSet RecursiveDifference(FieldSet other) => other.Owned ? Empty : IsEmpty || other.IsEmpty ? this
        : Combine(other, Owned, static (mine, theirs) => mine is null ? Empty : theirs is null ? mine : mine.RecursiveDifference(theirs));

    public bool SetEquals(FieldSet other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (Owned != other.Owned || !names.AsSpan().SequenceEqual(other.names)) return false;
        for (var i = 0; i < children.Length; i++)
            if (!children[i].SetEquals(other.children[i])) return false;
        return true;
    }

    /// <summary>The path of every field in the set: first those of a level, then those below.</summary>
    public IEnumerable<IReadOnlyList<string>> Paths() => Paths([]);

    private IEnumerable<IReadOnlyList<string>> Paths(IReadOnlyList<string> prefix)
    {
        for (var i = 0; i < names.Length; i++)
            if (children[i].Owned) yield return [.. prefix, names[i]];
        for (var i = 0; i < names.Length; i++)
            foreach (var path in children[i].Paths([.. prefix, names[i]])) yield return path;
    }

    /// <summary>Walks both sets in order of their names. The result is this set itself if nothing in it changed.</summary>
    private FieldSet Combine(FieldSet other, bool owned, Func<FieldSet?, FieldSet?, FieldSet> both)
    {
        var newNames = new List<string>(names.Length);
        var newChildren = new List<FieldSet>(names.Length);
        var same = owned == Owned;
        for (int i = 0, j = 0; i < names.Length || j < other.names.Length;)
        {
            var order = i == names.Length ? 1 : j == other.names.Length ? -1 : string.CompareOrdinal(names[i], other.names[j]);
            var name = order <= 0 ? names[i] : other.names[j];
            var mine = order <= 0 ? children[i++] : null;
            var child = both(mine, order >= 0 ? other.children[j++] : null);
            same &= ReferenceEquals(child, mine) || mine is null && child.IsEmpty;
            if (child.IsEmpty) continue;
            newNames.Add(name);
            newChildren.Add(child);
        }
        return same ? this : newNames.Count == 0 ? owned ? Leaf : Empty : new FieldSet(owned, [.. newNames], [.. newChildren]);
    }
}
