/** What another language must have for the Korean texts: the same keys, and `_one` beside each `_other`. */
export type Translation<Source> = {
  [Key in keyof Source]: Source[Key] extends string ? string : Translation<Source[Key]>;
} & {
  [Key in keyof Source as Key extends `${infer Stem}_other` ? `${Stem}_one` : never]: string;
};
