<?php

declare(strict_types=1);

namespace Revurb\Tests\Environment;

use Dotenv\Dotenv;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;
use Revurb\Environment\EnvFile;
use Revurb\Environment\Environment;
use Revurb\Environment\EnvValue;
use Revurb\Tests\Support\EnvText;

final class EnvironmentTest extends TestCase
{
    /** @param  array<string, string>  $outer */
    private function environment(?string $text, array $outer = [], bool $isCached = false): Environment
    {
        $file = $text === null ? null : new EnvFile($text);

        return new Environment($file, $file === null ? [] : [$file], $outer, $isCached);
    }

    /** @return iterable<string, array{string, string|null, string|null}> the text, and VITE_A as Laravel and as Vite 5 to 8 have it (Vite's as its own loadEnv gave it) */
    public static function readings(): iterable
    {
        yield 'a reference' => ["A=1\nVITE_A=\"\${A}\"\n", '1', '1'];
        yield 'a definition behind its use' => ["VITE_A=\"\${A}\"\nA=1\n", '${A}', '1'];
        yield 'plus' => ["A=a+b\nVITE_A=\${A}", 'a+b', 'a+b'];
        yield 'a blank in quotes' => ["A=\"a b\"\nVITE_A=\"\${A}\"", 'a b', 'a b'];
        yield 'equals signs' => ["A=a=b=\nVITE_A=\"\${A}\"", 'a=b=', 'a=b='];
        yield 'an equals sign alone' => ["A==\nVITE_A=\${A}", '=', '='];
        yield 'a comment' => ["A=x # comment\nVITE_A=\"\${A}\" # other", 'x', 'x'];
        yield 'a hash without quotes' => ["A=x#y\nVITE_A=\"\${A}\"", 'x', 'x'];
        yield 'a hash in quotes' => ["A=\"x#y\"\nVITE_A=\"\${A}\"", 'x#y', 'x#y'];
        yield 'a dollar sign' => ["A=a\$b\nVITE_A=\"\${A}\"", 'a$b', 'a'];
        yield 'a dollar sign in single quotes' => ["A='a\$b'\nVITE_A=\"\${A}\"", 'a$b', 'a'];
        yield 'a dollar sign that is escaped' => ["A=\"a\\\$b\"\nVITE_A=\"\${A}\"", 'a$b', 'a$b'];
        yield 'two dollar signs' => ["A=a\$\$1\nVITE_A=\"\${A}\"", 'a$$1', 'a$1'];
        yield 'a dollar sign without braces' => ["A=5\nVITE_A=\$A", '$A', '5'];
        yield 'export and the line ends of Windows' => ["export A=1\r\nVITE_A=\"\${A}\"\r\n", '1', '1'];
        yield 'two lines' => ["A=\"one\ntwo\"\nVITE_A=\"\${A}\"", "one\ntwo", "one\ntwo"];
        yield 'an escaped line end' => ["A=\"a\\nb\"\nVITE_A=\"\${A}\"", "a\nb", "a\nb"];
        yield 'empty' => ["A=\nVITE_A=\"\${A}\"", null, ''];
        yield 'references in a text' => ["A=h\nB=1\nVITE_A=\"http://\${A}:\${B}/x\"", 'http://h:1/x', 'http://h:1/x'];
        yield 'a default' => ['VITE_A=${A:-def}', '${A:-def}', 'def'];
        yield 'a default that is not needed' => ["A=x\nVITE_A=\${A:-def}", '${A:-def}', 'x'];
        yield 'an alternative' => ["A=x\nVITE_A=\${A:+def}", '${A:+def}', 'def'];
        yield 'a value that is defined twice' => ["A=1\nA=2\nVITE_A=\"\${A}\"", '2', '2'];
        yield 'blanks around the equals sign' => ["  A = 1 \nVITE_A = \"\${A}\" ", '1', '1'];
        yield 'a double quote that is escaped' => ["A=\"q\\\"r\"\nVITE_A=\"\${A}\"", 'q"r', 'q\"r'];
        yield 'a double quote in single quotes' => ["A='q\"r'\nVITE_A=\"\${A}\"", 'q"r', 'q"r'];
        yield 'a comment that looks like a definition' => ["# VITE_A=1\nVITE_A=2 # x", '2', '2'];
        yield 'null' => ['VITE_A=null', null, 'null'];
        yield 'a backslash' => ["A='a\\b'\nVITE_A=\"\${A}\"", 'a\b', 'a\b'];
        yield 'a reference in single quotes' => ["A=7\nVITE_A='\${A}'", '${A}', '7'];
        yield 'a chain' => ["A=\"\\\$x\\\$y\"\nB=\"\${A}\"\nVITE_A=\"\${B}\"", '$x$y', '$x$y'];
        yield 'a byte order mark' => ["\xEF\xBB\xBFVITE_A=1", '1', '1'];
        yield 'nothing' => ['B=1', null, null];
    }

    #[DataProvider('readings')]
    public function test_a_value_is_read_as_laravel_and_as_vite_read_it(string $text, ?string $laravel, ?string $vite): void
    {
        $environment = $this->environment($text);

        $this->assertSame([$laravel, $vite], [$environment->laravel('VITE_A'), $environment->vite('VITE_A')]);
    }

    #[DataProvider('readings')]
    public function test_line_numbers_are_those_of_phpdotenv(string $text): void
    {
        $expected = Dotenv::parse(str_replace("\xEF\xBB\xBF", '', $text));
        $file = new EnvFile($text);

        $this->assertNull($file->fault);
        $this->assertSame(array_keys($expected), array_values(array_unique(array_column($file->definitions, 'name'))));

        foreach ($expected as $name => $value) {
            $this->assertSame(in_array($value, ['', 'null'], true) ? null : $value, $this->environment($text)->laravel($name));
        }
    }

    public function test_circular_references_end(): void
    {
        $environment = $this->environment("A=\${B}\nB=\${A}\nVITE_A=\${VITE_A}");

        $this->assertStringStartsWith('.env:', $environment->changeOrigin('A', '1'));
        $this->assertIsString($environment->vite('VITE_A'));
    }

    public function test_a_line_is_named_by_its_number(): void
    {
        $environment = $this->environment("A=\"one\ntwo\"\r\n# REVERB_PORT=1\n  export REVERB_PORT = 8080\n");

        $this->assertSame('.env:4 REVERB_PORT=443', $environment->change('REVERB_PORT', '443'));
        $this->assertSame('.env:4 REVERB_PORT', $environment->place('REVERB_PORT'));
        $this->assertSame('.env:4 REVERB_PORT: a free port', $environment->choose('REVERB_PORT', 'a free port'));
    }

    public function test_of_two_lines_of_a_variable_the_last_one_wins(): void
    {
        $this->assertSame('.env:2 A=3', $this->environment("A=1\nA=2")->change('A', '3'));
    }

    public function test_the_line_to_change_is_that_of_the_referenced_variable(): void
    {
        $environment = $this->environment("REVERB_PORT=8080\nVITE_REVERB_PORT=\"\${REVERB_PORT}\"\n");

        $this->assertSame('.env:1 REVERB_PORT=443, and build the assets again (npm run build)', $environment->changeOrigin('VITE_REVERB_PORT', '443'));
        $this->assertSame('.env:2 VITE_REVERB_PORT=443, and build the assets again (npm run build)', $environment->change('VITE_REVERB_PORT', '443'));
        $this->assertSame('.env:2 VITE_REVERB_PORT="${PUSHER_PORT}", and build the assets again (npm run build)', $environment->refer('VITE_REVERB_PORT', 'PUSHER_PORT'));
        $this->assertSame('REVERB_PORT', $environment->origin('VITE_REVERB_PORT'));
    }

    public function test_a_reference_within_a_text_is_not_followed(): void
    {
        $this->assertSame('B', $this->environment("A=x\nB=\"\${A}y\"\n")->origin('B'));
        $this->assertSame('B', $this->environment("A=x\nB='\${A}'\n")->origin('B'));
    }

    public function test_a_variable_that_is_not_in_the_file_is_added_as_a_new_line(): void
    {
        $this->assertSame('.env, a new line: A=1', $this->environment('')->change('A', '1'));
        $this->assertSame('the environment of this process: A=1', $this->environment('', ['A' => '2'])->change('A', '1'));
        $this->assertSame('the environment of this process: A=1', $this->environment(null)->change('A', '1'));
    }

    public function test_the_environment_of_the_process_wins_over_the_file(): void
    {
        $environment = $this->environment("A=1\nVITE_B=\"\${A}\"\nC=3\n", ['A' => '2', 'C' => '3', 'VITE_D' => '4']);

        $this->assertSame('2', $environment->laravel('A'));
        $this->assertSame('the environment of this process: A', $environment->place('A'));
        $this->assertSame(['2', '2'], [$environment->laravel('VITE_B'), $environment->vite('VITE_B')]);
        $this->assertSame('.env:2 VITE_B', $environment->place('VITE_B'));
        // A container whose variables are made of the file has the same values: the line is the place to change.
        $this->assertSame('.env:3 C', $environment->place('C'));
        $this->assertSame('4', $environment->vite('VITE_D'));
    }

    public function test_vite_reads_files_of_its_own(): void
    {
        $file = new EnvFile("A=1\nVITE_A=\"\${A}\"\n");
        $environment = new Environment($file, [$file, new EnvFile("\nVITE_A=9\n", '.env.production')]);

        $this->assertSame(['1', '9'], [$environment->laravel('VITE_A'), $environment->vite('VITE_A')]);
        $this->assertSame('.env.production:2 VITE_A', $environment->place('VITE_A'));
    }

    public function test_a_change_with_a_cached_configuration_names_config_cache(): void
    {
        $environment = $this->environment('A=1', isCached: true);

        $this->assertSame('.env:1 A=2, and then php artisan config:cache', $environment->change('A', '2'));
        $this->assertStringEndsWith('(npm run build)', $environment->change('VITE_A', '2'));
    }

    public function test_a_remark_stands_beside_the_value(): void
    {
        $environment = $this->environment("A=1\nVITE_A=\"\${A}\"\n");

        $this->assertSame('.env:1 A=2 (of the proxy)', $environment->change('A', '2', ' (of the proxy)'));
        $this->assertSame('.env:1 A=2 (of the proxy), and build the assets again (npm run build)', $environment->changeOrigin('VITE_A', '2', ' (of the proxy)'));
    }

    public function test_a_line_that_the_file_has_already_is_not_proposed(): void
    {
        $text = "A=1\nVITE_A=\"\${A}\"\nVITE_B=\$A\n";
        $fixes = static fn (Environment $environment): array => array_unique([
            $environment->change('A', '1'),
            $environment->changeOrigin('VITE_A', '1'),
            $environment->refer('VITE_A', 'A'),
            $environment->refer('VITE_B', 'A'),
        ]);

        $this->assertSame(['php artisan config:cache, and then php artisan reverb:restart'], $fixes($this->environment($text, isCached: true)));
        $this->assertSame(['.env:1 A is right already: the files in config/ must read it'], $fixes($this->environment($text)));
        $this->assertSame('the environment of this process: A=1', $this->environment($text, ['A' => '2'])->change('A', '1'));
    }

    /** Neither the configuration nor the server reads it. */
    public function test_a_line_for_browsers_that_the_file_has_already_has_to_be_built_into_the_assets(): void
    {
        foreach ([true, false] as $isCached) {
            $this->assertSame('npm run build, as .env:1 VITE_A is right already', $this->environment('VITE_A=1', isCached: $isCached)->change('VITE_A', '1'));
        }
    }

    public function test_a_line_that_only_laravel_reads_as_proposed_is_proposed(): void
    {
        $this->assertSame('.env:1 A="a\\$b"', $this->environment("A='a\$b'")->change('A', 'a$b'));
    }

    /** @return iterable<array-key, array{string, int, string}> */
    public static function unreadable(): iterable
    {
        yield ["A=1\nB=a b\nC=3", 2, 'unexpected whitespace'];
        yield ["A=1\n\n=x\nC=3", 3, 'an unexpected equals'];
        yield ["A=1\nB-C=2\nC=3", 2, 'an invalid name'];
        yield ["A=1\nC=3\nB=\"open\n\n", 3, 'a missing closing quote'];
        yield ["C=3\nB=\"a\\qb\"", 2, 'an unexpected escape sequence'];
    }

    #[DataProvider('unreadable')]
    public function test_a_line_that_phpdotenv_rejects_is_named_and_the_others_are_read(string $text, int $line, string $reason): void
    {
        $file = new EnvFile($text);

        $this->assertSame([$line, $reason], [$file->fault?->line, $file->fault?->reason]);
        $this->assertSame('3', EnvText::environment($text)->laravel('C'));
    }

    /** @return iterable<array-key, array{string, string}> */
    public static function written(): iterable
    {
        yield ['', ''];
        yield ['chat.test:8080/x+y=', 'chat.test:8080/x+y='];
        yield ['a b', '"a b"'];
        yield ['a#b', '"a#b"'];
        yield ['a$b', '"a\$b"'];
        yield ["it's", '"it\'s"'];
        yield ['a"b', "'a\"b'"];
        yield ['a\b', "'a\\b'"];
        yield ["a\nb", '"a\nb"'];
        yield [' `x` ', '" `x` "'];
    }

    #[DataProvider('written')]
    public function test_a_value_is_written_so_that_laravel_and_vite_read_it_back(string $value, string $written): void
    {
        $environment = new Environment($file = (new EnvFile(''))->with('VITE_A', EnvValue::quoted($value)), [$file]);

        $this->assertSame("VITE_A={$written}\n", $file->text);
        $this->assertSame($value, $environment->vite('VITE_A'));
        $this->assertSame($value, $environment->laravel('VITE_A') ?? '');
    }

    public function test_a_value_that_cannot_be_written_for_both_is_written_for_laravel(): void
    {
        $this->assertSame('"\\"\\$\'\\\\"', EnvValue::quoted('"$\'\\'));
        $this->assertSame('"$\'\\', EnvText::environment('A='.EnvValue::quoted('"$\'\\'))->laravel('A'));
    }

    public function test_a_line_is_replaced_where_it_counts(): void
    {
        $this->assertSame("A=1\r\nexport A=3 # two\r\nB=2\r\n", (new EnvFile("A=1\r\nexport A=2 # two\r\nB=2\r\n"))->with('A', '3')->text);
        $this->assertSame("A=3\nB=2", (new EnvFile("A=\"1\n2\"\nB=2"))->with('A', '3')->text);
        $this->assertSame("B=2\nA=3\n", (new EnvFile('B=2'))->with('A', '3')->text);
        $this->assertSame("A=3\n", (new EnvFile(''))->with('A', '3')->text);
    }
}
