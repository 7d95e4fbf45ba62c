using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent;

/// <summary>
/// Keeps the <see cref="ServiceSnapshot"/> on tmpfs at the cost of what changes: the whole now and then in <c>services.json</c>, and after it
/// a line for each object that changed since, in the journal that it names (<c>services.N.jsonl</c>). A line that an agent was killed at is left out.
/// </summary>
internal sealed class ServiceSnapshotFile(NodePaths paths)
{
    /// <summary>Bytes up to which a journal may always grow; beyond, it may be as long as the whole.</summary>
    private const long ShortJournal = 256 * 1024;

    private readonly Lock access = new();
    private Dictionary<string, SnapshotChange> unsaved = [];
    private bool whole = true;
    private long number, wholeSize, journalSize;

    /// <summary>An object that came, changed or went; from any thread.</summary>
    public void Changed(KubeObject? before, KubeObject? after)
    {
        var change = SnapshotChange.Of((after ?? before)!, gone: after is null);
        lock (access) unsaved[$"{change.Kind} {change.Key}"] = change;
    }

    /// <summary>What is not of one object has changed.</summary>
    public void SettingsChanged()
    {
        lock (access) whole = true;
    }

    /// <param name="all">As it is by now, or later.</param>
    /// <exception cref="IOException">The disk is full, say; the whole will be written next time.</exception>
    public void Save(Func<ServiceSnapshot> all)
    {
        Dictionary<string, SnapshotChange> changes;
        bool due;
        lock (access)
        {
            (changes, unsaved) = (unsaved, []);
            (due, whole) = (whole || journalSize > Math.Max(ShortJournal, wholeSize), false);
        }
        try
        {
            if (due) SaveWhole(all());
            else Append(changes.Values);
        }
        catch
        {
            SettingsChanged(); // some of it is lost here
            throw;
        }
    }

    private void SaveWhole(ServiceSnapshot snapshot)
    {
        Directory.CreateDirectory(paths.Run);
        number = Math.Max(number + 1, DateTime.UtcNow.Ticks);
        var bytes = KubeJson.Serialize(snapshot with { Journal = number });
        var place = ServiceSnapshot.Place(paths);
        File.WriteAllBytes(place + ".tmp", bytes);
        File.Move(place + ".tmp", place, overwrite: true);
        (wholeSize, journalSize) = (bytes.Length, 0);
        foreach (var old in Directory.GetFiles(paths.Run, "services.*.jsonl").Where(file => file != ServiceSnapshot.JournalPlace(paths, number))) File.Delete(old);
    }

    private void Append(IEnumerable<SnapshotChange> changes)
    {
        using var journal = new FileStream(ServiceSnapshot.JournalPlace(paths, number), FileMode.Append);
        foreach (var change in changes)
        {
            journal.Write(KubeJson.Serialize(change));
            journal.WriteByte((byte)'\n');
        }
        journal.Flush();
        journalSize = journal.Length;
    }
}

/// <summary>A line of the journal: one object as it is, or none where it is gone.</summary>
internal sealed record SnapshotChange(string Kind, string Key)
{
    public Service? Service { get; init; }
    public EndpointSlice? Slice { get; init; }
    public Node? Node { get; init; }

    public static SnapshotChange Of(KubeObject subject, bool gone) => new SnapshotChange(subject.GetType().Name, subject.Key) switch
    {
        var empty when gone => empty,
        var change => change with { Service = subject as Service, Slice = subject as EndpointSlice, Node = subject as Node },
    };

    /// <summary>Null for a line that is not whole.</summary>
    public static SnapshotChange? Parse(string line)
    {
        try { return KubeJson.Deserialize<SnapshotChange>(System.Text.Encoding.UTF8.GetBytes(line)); }
        catch (JsonException) { return null; }
    }
}
