using System.Text;

namespace NodeAgent.Containers;

/// <summary>
/// $(NAME) in commands, arguments and values of environment variables; $$(NAME) stands for itself, and a name that
/// does not exist is left as it is (k8s.io/kubernetes/third_party/forked/golang/expansion).
/// </summary>
internal static class Expansion
{
    /// <param name="value">Null where there is no such variable.</param>
    public static string Of(string text, Func<string, string?> value)
    {
        if (!text.Contains('$')) return text;
        var result = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            var next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (text[at] != '$' || next is not ('$' or '(')) result.Append(text[at]);
            else if (next == '$')
            {
                result.Append('$');
                at++;
            }
            else if (text.IndexOf(')', at) is var end and > 0)
            {
                // An unknown name stays, as a whole: nothing within it is looked at again.
                result.Append(value(text[(at + 2)..end]) ?? text[at..(end + 1)]);
                at = end;
            }
            else result.Append(text[at]);
        }
        return result.ToString();
    }
}
