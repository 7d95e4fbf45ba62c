using System.Text;

namespace NodeAgent.Containers;

/// <summary>
/// $(NAME) in commands, arguments and values of environment variables; $$(NAME) stands for itself, and a name that
/// does not exist is left as it is (k8s.io/kubernetes/third_party/forked/golang/expansion).
/// </summary>
internal static class Expansion
{
    /// <summary>Linux, MAX_ARG_STRLEN: no program can be given a longer text.</summary>
    public const int Longest = 128 * 1024;

    /// <summary>Linux, fs/exec.c: three quarters of 8 MiB, the most that a program can be given altogether.</summary>
    public const int LongestAll = 6 << 20;

    /// <param name="value">Null where there is no such variable.</param>
    /// <exception cref="ContainerConfigException">It becomes too long: with variables made of variables a short text says gigabytes.</exception>
    public static string Of(string text, Func<string, string?> value)
    {
        if (!text.Contains('$')) return text;
        var result = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (result.Length > Longest) throw TooLong($"a text with variables in it becomes longer than {Longest} bytes");
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
        return result.Length <= Longest ? result.ToString() : throw TooLong($"a text with variables in it becomes longer than {Longest} bytes");
    }

    public static ContainerConfigException TooLong(string what) => new($"argument list too long: {what}", "CreateContainerError");
}
