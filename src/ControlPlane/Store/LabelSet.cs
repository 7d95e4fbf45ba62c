using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Store;

/// <summary>A few labels in an array: a fifth of the memory of a dictionary, and as quick for so few.</summary>
internal sealed class LabelSet(KeyValuePair<string, string>[] labels) : IReadOnlyDictionary<string, string>
{
    public static LabelSet? Of(IReadOnlyDictionary<string, string>? labels) => labels is null or { Count: 0 } ? null : new LabelSet([.. labels]);

    public int Count => labels.Length;

    public IEnumerable<string> Keys => labels.Select(label => label.Key);

    public IEnumerable<string> Values => labels.Select(label => label.Value);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (var label in labels)
        {
            if (label.Key != key) continue;
            value = label.Value;
            return true;
        }
        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)labels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
