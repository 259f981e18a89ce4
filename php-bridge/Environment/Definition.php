<?php

declare(strict_types=1);

namespace Revurb\Environment;

use Dotenv\Parser\Value;

/**
 * One definition of a variable in an .env file. A value in double quotes may span several lines.
 */
final readonly class Definition
{
    /**
     * @param  Value|null  $value  as parsed by phpdotenv; null if the line has no equals sign
     * @param  int  $line  number of the line, from 1
     * @param  int  $lastLine  number of the line with the closing quote
     */
    public function __construct(
        public string $name,
        public ?Value $value,
        public int $line,
        public int $lastLine,
    ) {}

    public function isEmpty(): bool
    {
        return $this->value === null || $this->value->getChars() === '';
    }

    /** The other variable if the value is nothing but `${OTHER}`, or null. */
    public function reference(): ?string
    {
        $isReference = $this->value !== null
            && $this->value->getVars() === [0]
            && preg_match('/\A\$\{([\w.]+)\}\z/', $this->value->getChars(), $other) === 1;

        return $isReference ? $other[1] : null;
    }
}
