using System.Text;

namespace NodeAgent.Containers;

/// <summary>
/// $(NAME) in commands, arguments and values of environment variables; $$(NAME) stands for itself, and a name that
/// does not exist is left as it is (k8s.io/kubernetes/third_party/forked/golang/expansion).
/// </summary>
internal static class Expansion
{
    public static string Of(string text, IEnumerable<KeyValuePair<string, string>> variables)
    {
        if (!text.Contains('$')) return text;
        var values = variables.GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Last().Value);
        var result = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            var next = at + 1 < text.Length ? text[at + 1] : '\0';
            var end = text[at] == '$' && next == '(' ? text.IndexOf(')', at) : -1;
            if (text[at] == '$' && next == '$')
            {
                result.Append('$');
                at++;
            }
            else if (end > 0 && values.TryGetValue(text[(at + 2)..end], out var value))
            {
                result.Append(value);
                at = end;
            }
            else result.Append(text[at]);
        }
        return result.ToString();
    }
}
