using System.Collections.Concurrent;

namespace NodeAgent.Dns;

/// <summary>What there is under one name. Never changes; a change of the name makes a new one.</summary>
internal sealed class NameAnswers(IReadOnlyList<DnsRecord> records)
{
    private readonly (ushort Type, RecordSet Set)[] sets = [.. records.Where(record => record.Type != DnsRecord.NameOnly)
        .GroupBy(record => record.Type).Select(group => (group.Key, RecordSet.Of([.. group])))];

    /// <summary>The data of the CNAME record: where the name really is.</summary>
    public byte[]? Alias { get; } = records.FirstOrDefault(record => record.Type == RecordType.CNAME)?.Data;

    public IReadOnlyList<DnsRecord> Records => records;

    /// <param name="type">ANY gives one set of them (RFC 8482).</param>
    public RecordSet? Find(ushort type)
    {
        foreach (var (own, set) in sets)
            if (own == type || type == RecordType.ANY) return set;
        return null;
    }
}

/// <summary>
/// The names of the cluster. One writer at a time, any number of readers, which wait for nobody. Each name knows whose records it has: several
/// headless Services may have the same pod, and so the same name for its address.
/// </summary>
internal sealed class NameTable
{
    private static readonly NameAnswers OnlyName = new([]);

    private sealed class Node
    {
        public readonly Dictionary<string, List<DnsRecord>> ByOwner = [];
        public int Children;
    }

    private readonly Lock gate = new();
    private readonly Dictionary<byte[], Node> nodes = new(DnsNameComparer.Instance);
    private readonly Dictionary<string, List<byte[]>> namesOf = [];
    private readonly ConcurrentDictionary<byte[], NameAnswers> answers = new(DnsNameComparer.Instance);
    private readonly ConcurrentDictionary<byte[], NameAnswers>.AlternateLookup<ReadOnlySpan<byte>> lookup;

    public NameTable() => lookup = answers.GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Count => answers.Count;

    /// <summary>Null: there is no such name. Empty answers: it has other names below it.</summary>
    public NameAnswers? Find(ReadOnlySpan<byte> name) => lookup.TryGetValue(name, out var found) ? found : null;

    /// <summary>These are all records of this owner now; none = it is gone. Costs as much as the owner has records.</summary>
    public void Set(string owner, IEnumerable<DnsRecord> records)
    {
        lock (gate)
        {
            var touched = new HashSet<byte[]>(DnsNameComparer.Instance);
            foreach (var name in namesOf.GetValueOrDefault(owner) ?? [])
            {
                nodes[name].ByOwner.Remove(owner);
                touched.Add(name);
            }
            var names = Add(owner, records, touched);
            if (names.Count > 0) namesOf[owner] = names;
            else namesOf.Remove(owner);
            foreach (var name in touched) Publish(name);
        }
    }

    private List<byte[]> Add(string owner, IEnumerable<DnsRecord> records, HashSet<byte[]> touched)
    {
        var names = new List<byte[]>();
        foreach (var record in records)
        {
            var node = NodeOf(record.Name);
            if (!node.ByOwner.TryGetValue(owner, out var list))
            {
                node.ByOwner[owner] = list = new List<DnsRecord>(1);
                names.Add(record.Name);
                touched.Add(record.Name);
            }
            if (!list.Any(other => other.Type == record.Type && other.Data.AsSpan().SequenceEqual(record.Data))) list.Add(record);
        }
        return names;
    }

    /// <summary>A name that is there makes those above it exist, though they have no records.</summary>
    private Node NodeOf(byte[] name)
    {
        if (nodes.TryGetValue(name, out var known)) return known;
        var node = nodes[name] = new Node();
        var parent = DnsName.Parent(name).ToArray();
        if (parent.Length > 1)
        {
            NodeOf(parent).Children++;
            Publish(parent);
        }
        return node;
    }

    private void Publish(byte[] name)
    {
        var node = nodes[name];
        if (node.ByOwner.Count > 0) answers[name] = new NameAnswers([.. node.ByOwner.OrderBy(own => own.Key, StringComparer.Ordinal).SelectMany(own => own.Value)]);
        else if (node.Children > 0) answers[name] = OnlyName;
        else Remove(name);
    }

    private void Remove(byte[] name)
    {
        answers.TryRemove(name, out _);
        nodes.Remove(name);
        var parent = DnsName.Parent(name).ToArray();
        if (parent.Length <= 1) return;
        nodes[parent].Children--;
        Publish(parent);
    }
}
