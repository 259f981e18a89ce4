<?php

declare(strict_types=1);

namespace Revurb\Tests\Install;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Environment\EnvFile;
use Revurb\Install\ReverbVariables;

final class ReverbVariablesTest extends TestCase
{
    public function test_an_empty_file_gets_all_variables_in_two_blocks(): void
    {
        $completed = ReverbVariables::completing(new EnvFile(''));

        $this->assertMatchesRegularExpression(
            '/^REVERB_APP_ID=\d{6}\nREVERB_APP_KEY=[a-z0-9]{20}\nREVERB_APP_SECRET=[a-z0-9]{20}\nREVERB_HOST="localhost"\nREVERB_PORT=8080\nREVERB_SCHEME=http\n\n'
            .'VITE_REVERB_APP_KEY="\$\{REVERB_APP_KEY\}"\nVITE_REVERB_HOST="\$\{REVERB_HOST\}"\nVITE_REVERB_PORT="\$\{REVERB_PORT\}"\nVITE_REVERB_SCHEME="\$\{REVERB_SCHEME\}"\n$/',
            $completed->file->text,
        );
        $this->assertSame(['added'], array_values(array_unique($completed->done)));
    }

    /** Every one of these is a value, and stays as it is written. */
    #[TestWith(['REVERB_APP_KEY=abc # the key of the office'])]
    #[TestWith(['export REVERB_APP_KEY="abc"'])]
    #[TestWith(["  REVERB_APP_KEY = 'abc'"])]
    #[TestWith(["REVERB_APP_KEY=\nREVERB_APP_KEY=abc"])]
    #[TestWith(['REVERB_APP_KEY="${PUSHER_APP_KEY}"'])]
    #[TestWith(['REVERB_APP_KEY=${PUSHER_APP_KEY}'])]
    #[TestWith(["PUSHER_APP_KEY=\nREVERB_APP_KEY=\"\${PUSHER_APP_KEY}\""])]
    #[TestWith(['REVERB_APP_KEY=0'])]
    #[TestWith(["REVERB_APP_KEY=\"a\nb\""])]
    public function test_an_existing_value_is_kept(string $lines): void
    {
        $completed = ReverbVariables::completing(new EnvFile("{$lines}\nREVERB_HOST=\n"));

        $this->assertSame('kept', $completed->done['REVERB_APP_KEY']);
        $this->assertStringStartsWith("{$lines}\nREVERB_HOST=\n\n", $completed->file->text);
        $this->assertSame('kept, and empty', $completed->done['REVERB_HOST']);
    }

    /** As Laravel reads these, there is none. */
    #[TestWith(['REVERB_APP_KEY=', '/^REVERB_APP_KEY=[a-z0-9]{20}$/m'])]
    #[TestWith(['REVERB_APP_KEY', '/^REVERB_APP_KEY=[a-z0-9]{20}$/m'])]
    #[TestWith(['REVERB_APP_KEY=""', '/^REVERB_APP_KEY=[a-z0-9]{20}$/m'])]
    #[TestWith(["export REVERB_APP_KEY='' # later", '/^export REVERB_APP_KEY=[a-z0-9]{20} # later$/m'])]
    #[TestWith(['REVERB_APP_KEY= # later', '/^REVERB_APP_KEY=[a-z0-9]{20} # later$/m'])]
    #[TestWith(['REVERB_APP_KEY=null', '/^REVERB_APP_KEY=[a-z0-9]{20}$/m'])]
    #[TestWith(['REVERB_APP_KEY=(empty)', '/^REVERB_APP_KEY=[a-z0-9]{20}$/m'])]
    #[TestWith(["REVERB_APP_KEY=abc\nREVERB_APP_KEY=", '/\AREVERB_APP_KEY=abc\nREVERB_APP_KEY=[a-z0-9]{20}$/m'])]
    #[TestWith(["REVERB_APP_KEY=\r", '/^REVERB_APP_KEY=[a-z0-9]{20}\r$/m'])]
    public function test_an_empty_variable_is_filled_in_its_line(string $line, string $expected): void
    {
        $completed = ReverbVariables::completing(new EnvFile("APP_NAME=x\n{$line}\nLAST=1"));

        $this->assertSame('filled', $completed->done['REVERB_APP_KEY']);
        $this->assertMatchesRegularExpression($expected, str_replace("APP_NAME=x\n", '', $completed->file->text));
        $this->assertStringContainsString("\nLAST=1\n\nREVERB_APP_ID=", str_replace("\r", '', $completed->file->text));
    }

    public function test_an_empty_key_for_browsers_is_filled_with_the_key(): void
    {
        $completed = ReverbVariables::completing(new EnvFile("VITE_REVERB_APP_KEY=\nREVERB_APP_KEY=abc\nVITE_REVERB_HOST=\n"));

        $this->assertStringStartsWith("VITE_REVERB_APP_KEY=\"\${REVERB_APP_KEY}\"\nREVERB_APP_KEY=abc\nVITE_REVERB_HOST=\n\n", $completed->file->text);
        $this->assertSame('kept, and empty', $completed->done['VITE_REVERB_HOST']);
    }

    /** @param  non-empty-string  $end */
    #[TestWith(["A=1\n\n", "\n"])]
    #[TestWith(['A=1', "\n"])]
    #[TestWith(["A=1\r\n", "\r\n"])]
    public function test_new_lines_end_as_those_of_the_file(string $text, string $end): void
    {
        $written = ReverbVariables::completing(new EnvFile($text))->file->text;

        $this->assertStringStartsWith("A=1{$end}{$end}REVERB_APP_ID=", $written);
        $this->assertStringEndsWith($end, $written);
        $this->assertSame(13, substr_count($written, $end));
        $this->assertSame(13, substr_count($written, "\n"));
    }

    public function test_a_commented_line_does_not_define_a_variable(): void
    {
        $this->assertStringStartsWith("#REVERB_APP_KEY=abc\n\nREVERB_APP_ID=", ReverbVariables::completing(new EnvFile("#REVERB_APP_KEY=abc\n"))->file->text);
    }
}
